#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs rtctl with the Node.js beside it, or says why this machine cannot.
# Node.js 26 needs Linux 4.18 and glibc 2.28, says its BUILDING.md.

refuse() {
  printf 'rtctl: %s\n%s\n' "$1" "Run rtctl's container image there, or elsewhere \`rtctl inspect --from\` with a snapshot." >&2
  exit 5
}

# Whether version $1 is $2 or newer: a major and a minor number are enough
at_least() {
  major=${1%%.*}
  rest=${1#*.}
  minor=${rest%%[!0-9]*}
  [ "$major" -gt "${2%%.*}" ] || { [ "$major" -eq "${2%%.*}" ] && [ "$minor" -ge "${2#*.}" ]; }
}

self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
case $self in
  */*) here=${self%/*} ;;
  *) here=. ;;
esac

for file in lib/node bin/run.js app/main.js; do
  [ -e "$here/$file" ] || { printf 'rtctl: %s is missing: this rtctl is not whole. Unpack it again.\n' "$here/$file" >&2; exit 5; }
done

[ -e "@LOADER@" ] || refuse "This is rtctl for @MACHINE@ with glibc, and this machine ($(uname -m)) has no @LOADER@."
if read -r kernel 2>/dev/null </proc/sys/kernel/osrelease; then
  at_least "$kernel" 4.18 || refuse "It needs Linux 4.18 or newer, and this is $kernel."
fi
if glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null); then
  at_least "${glibc#glibc }" 2.28 || refuse "It needs glibc 2.28 or newer, and this is ${glibc#glibc }."
fi

# Options of Node.js from the environment would let somebody else choose what runs as root.
unset NODE_OPTIONS NODE_PATH
exec "$here/lib/node" @NODE_FLAGS@ "$here/bin/run.js" "$@"
