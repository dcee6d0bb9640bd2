# Sourced by the development commands: sets the folder up for development, then puts the right Node
# and the project's tools in front of $PATH, so that `npm` itself may run on an older Node.

root=$(CDPATH='' cd -P -- "${0%/*}/.." && pwd -P) || exit 2
. "$root/scripts/find-node.sh"
. "$root/scripts/setup.sh"
set_up dev
case $node in */*) PATH=${node%/*}:$PATH ;; esac
PATH=$root/node_modules/.bin:$PATH
export PATH
cd "$root" || exit 2
