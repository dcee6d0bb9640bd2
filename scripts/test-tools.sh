# Sourced after dev-env.sh. What tests need besides Node: an AWS to talk to and a compiler for the
# published OCSF schema (both Python, kept in .portcullis/venv), a browser, and a PostgreSQL server.

may_install_system_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install_system_package() {
  doing="install $1"
  echo "portcullis: installing $1 from the system's packages" >&2
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$1"; } \
    >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    die "Could not $doing." "apt-get's own words are above."
  }
}

find_python() {
  for python in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
    "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  done
  return 1
}

set_up_python() {
  venv=$state/venv
  requirements=$root/scripts/test-requirements.txt
  ! cmp -s "$requirements" "$venv/requirements.txt" || return 0
  find_python || { may_install_system_packages && install_system_package python3-venv; }
  find_python || die \
    'The tests need Python 3.11 or newer with its venv module.' \
    'Install it (on Debian: apt-get install python3-venv), or run `npm run check`, which does without.'
  lock
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    echo "portcullis: setting up (once) in $venv: Python packages that the tests use" >&2
    # The file names every package, down to the last: pip has nothing to decide.
    { "$python" -m venv --clear "$venv" &&
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" &&
      # It needs a newer Python than most systems have; the tests run it in the one that npm's pyodide is.
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
        --target "$venv/ocsf" ocsf-schema-compiler==1.1.1; } \
      >"$log" 2>&1 </dev/null || {
      cat "$log" >&2
      die 'Could not install the Python packages that the tests use.' \
        "pip's own words are above; check the network and pip's settings, then run the command again."
    }
    cp "$requirements" "$venv/requirements.txt"
  fi
  exec 9>&-
}

find_chromium() {
  for browser in "${PORTCULLIS_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
    PORTCULLIS_CHROMIUM=$(command -v "$browser") && export PORTCULLIS_CHROMIUM && return
  done
  return 1
}

# Without a browser the tests that need one are skipped, and say so; in CI that is an error.
set_up_chromium() {
  find_chromium || { may_install_system_packages && install_system_package chromium; }
  find_chromium && return
  unset PORTCULLIS_CHROMIUM
  [ -z "${CI:-}" ] || die 'The tests need Chromium.' 'Install it, or set PORTCULLIS_CHROMIUM to its path.'
  echo 'portcullis: no Chromium here; tests in a browser are skipped. Install it, or set PORTCULLIS_CHROMIUM to its path.' >&2
}

find_postgres() {
  for server in "${PORTCULLIS_POSTGRES:-}" /usr/lib/postgresql/*/bin/postgres postgres \
    /opt/homebrew/bin/postgres /usr/local/bin/postgres; do
    PORTCULLIS_POSTGRES=$(command -v "$server") && export PORTCULLIS_POSTGRES && return
  done
  return 1
}

# As with the browser. Tests start a server of their own, in a temporary folder.
set_up_postgres() {
  find_postgres || { may_install_system_packages && install_system_package postgresql; }
  find_postgres && return
  unset PORTCULLIS_POSTGRES
  [ -z "${CI:-}" ] || die 'The tests need PostgreSQL.' 'Install it, or set PORTCULLIS_POSTGRES to the path of its program `postgres`.'
  echo 'portcullis: no PostgreSQL here; tests of the store on it are skipped. Install it, or set PORTCULLIS_POSTGRES to the path of its program `postgres`.' >&2
}
