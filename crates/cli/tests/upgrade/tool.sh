#!/bin/sh
# Stands in for programs of the application: writes down who ran it, where, and with what.
# What it starts and leaves to itself, in its own session and in another.
if [ -e "FOLDER/fork-$1" ]; then
    sleep 300 &
    echo $! >>"FOLDER/forked"
    setsid sleep 300 &
    echo $! >>"FOLDER/forked"
fi
printf '%s|%s|%s|%s|%s\n' "$(id -un)" "$HOME" "$(cat VERSION)" "$GREETING" "$*" >>"FOLDER/log"
# As long as a test wants, and not for ever when the test itself is gone.
turns=0
while [ -e "FOLDER/hang-$1" ] && [ $turns -lt 3000 ]; do
    sleep 0.1
    turns=$((turns + 1))
done
if [ -e "FOLDER/fail-$1" ]; then
    echo "no $1 today" >&2
    exit 3
fi
case "$1" in
install) echo "built for $(cat VERSION)" >vendor.txt ;;
move) echo moved >moved.txt ;;
moved) test -e moved.txt ;;
unmove) rm -f moved.txt ;;
smudge) cat ;;
esac
