#!/bin/sh
# Builds static/css/site.css. Needs Node; the packages land in var/, which git ignores.
set -eu
cd "$(dirname "$0")/../.."
packages=var/css-build
mkdir -p "$packages"
[ -x "$packages/node_modules/.bin/sass" ] || npm install --silent --no-audit --no-fund --prefix "$packages" bootstrap@5.3.9 sass@1.108.2
"$packages/node_modules/.bin/sass" --style=compressed --no-source-map --quiet-deps --silence-deprecation=import \
  --load-path="$packages/node_modules" static/scss/site.scss static/css/site.css
gzip -9c static/css/site.css | wc -c
