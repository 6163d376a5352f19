#!/bin/sh
# find.sh: print the directory of the PostgreSQL server's programs that this
# machine has, version 15 or newer; print nothing and exit 1 if it has none.
# internal/cluster looks in the same places.
set -eu

major() { "$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p'; }

on_path=
if command -v postgres >/dev/null; then
	on_path=$(dirname "$(readlink -f "$(command -v postgres)")")
fi
for dir in "${DAUBANG_PG_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t / -k 5 -n -r) "$on_path"; do
	if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ "$(major "$dir")" -ge 15 ] 2>/dev/null; then
		echo "$dir"
		exit 0
	fi
done
exit 1
