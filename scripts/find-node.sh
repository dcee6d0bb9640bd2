# Sourced with $root set. find_node sets $node to a Node that can run the project: the system's own
# when it is new enough, else the one that an earlier set-up has fetched; false when there is neither.

node_major_needed=24
node_version_fetched=26.10.0

find_node() {
  node=node
  version=$(node --version 2>/dev/null) || version=
  version=${version#v}
  case ${version%%.*} in
    '' | *[!0-9]*) ;;
    *) [ "${version%%.*}" -lt "$node_major_needed" ] || return 0 ;;
  esac
  platform=$(uname -s -m)
  case $platform in
    'Linux x86_64') platform=linux-x64 ;;
    'Linux aarch64' | 'Linux arm64') platform=linux-arm64 ;;
    'Darwin x86_64') platform=darwin-x64 ;;
    'Darwin arm64') platform=darwin-arm64 ;;
  esac
  node_folder=$root/.portcullis/node-$node_version_fetched-$platform
  node=$node_folder/bin/node
  [ -x "$node" ]
}
