#!/bin/sh
# Copies the manifests of the workspace in $1 to $2, with an empty source for every target, so that cargo can build
# the dependencies by themselves.
set -eu
from=$1
to=$2
cd "$from"
cp Cargo.toml Cargo.lock "$to/"
find . -name Cargo.toml -not -path './target/*' -not -path '*/node_modules/*' | while read -r manifest; do
    package=$(dirname "$manifest")
    mkdir -p "$to/$package"
    cp "$manifest" "$to/$package/"
    # What cargo finds by itself, and what the manifests name.
    {
        find "$package" -path '*/src/main.rs' -o -path '*/src/lib.rs' -o -path '*/src/bin/*.rs' \
            -o -path '*/tests/*.rs' -o -path '*/benches/*.rs' -o -name build.rs
        sed -n "s|^path = \"\(.*\.rs\)\"|$package/\1|p" "$manifest"
    } | grep -v '/target/' | sort -u | while read -r target; do
        mkdir -p "$to/$(dirname "$target")"
        case "$target" in
            */lib.rs) : >"$to/$target" ;;
            *) echo 'fn main() {}' >"$to/$target" ;;
        esac
    done
done
