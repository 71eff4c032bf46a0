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
    # What cargo finds by itself, and what the manifests name. Sources below that do not matter: a new one must not
    # make everything be built again.
    {
        for source in src/main.rs src/lib.rs build.rs; do
            if [ -e "$package/$source" ]; then echo "$package/$source"; fi
        done
        sed -n "s|^path = \"\(.*\.rs\)\"|$package/\1|p" "$manifest"
    } | sort -u | while read -r target; do
        mkdir -p "$to/$(dirname "$target")"
        case "$target" in
            */lib.rs) : >"$to/$target" ;;
            *) echo 'fn main() {}' >"$to/$target" ;;
        esac
    done
done
