#!/bin/sh
# run.sh COMMAND ARGUMENT...: runs a development tool of this project, after setting it up if needed.

set -u
. "${0%/*}/dev-env.sh"
exec "$@"
