#!/bin/sh
# Every check and test there is, with all set-up that they need.

set -u
. "${0%/*}/dev-env.sh"
. "$root/scripts/test-tools.sh"
set_up_python
set_up_chromium
set_up_postgres
exec node --disable-warning=ExperimentalWarning scripts/checks.ts all
