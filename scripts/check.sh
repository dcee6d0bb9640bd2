#!/bin/sh
# The fast checks: format, lint, types and unit tests.

set -u
. "${0%/*}/dev-env.sh"
exec node --disable-warning=ExperimentalWarning scripts/checks.ts fast
