#!/bin/sh
# Builds dist/, the form in which the package is published: plain JavaScript with type declarations.

set -eu
. "${0%/*}/dev-env.sh"
rm -rf dist
tsc --project tsconfig.build.json
# The report's own script is for a browser, whose types the rest must not see.
tsc --project src/render/html/client --noEmit false --rootDir src --outDir dist

# What the compiler passes over but the code reads or imports: assets, and generated code with its
# declarations.
find src -type f \( ! -name '*.ts' -o -name '*.d.ts' \) ! -path 'src/decode/kernel/*' ! -name tsconfig.json |
  while IFS= read -r file; do
    copy=dist/${file#src/}
    mkdir -p "${copy%/*}"
    cp "$file" "$copy"
  done
