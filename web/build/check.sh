#!/bin/sh
# Fails when the committed assets are not what their sources build.
set -e
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --no-audit --no-fund
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
node vectors.mjs
node build.mjs "$fresh"
for f in portal.css portal.js table.js upload.js draft.js sw.js; do
	cmp -s "$fresh/$f" "../static/$f" || { echo "web/static/$f differs from its sources: run make assets and commit it" >&2; exit 1; }
done
cmp -s node_modules/axe-core/axe.min.js ../../e2e/axe.min.js || { echo "e2e/axe.min.js is not the axe-core of package-lock.json" >&2; exit 1; }
if grep -nE '"resolved"|registry\.' package-lock.json; then echo "package-lock.json names a registry: install with omit-lockfile-registry-resolved" >&2; exit 1; fi
