#!/bin/sh
# Builds dist/, the form in which the package is published: plain JavaScript with type declarations.

set -eu
. "${0%/*}/dev-env.sh"
rm -rf dist
tsc --project tsconfig.build.json

# What the compiler passes over but the code reads or imports: assets, and generated code with its
# declarations.
find src -type f \( ! -name '*.ts' -o -name '*.d.ts' \) ! -path 'src/decode/kernel/*' |
  while IFS= read -r file; do
    copy=dist/${file#src/}
    mkdir -p "${copy%/*}"
    cp "$file" "$copy"
  done
