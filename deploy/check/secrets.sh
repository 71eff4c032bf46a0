#!/usr/bin/env bash
# Whether deploy/secrets.sh makes every secret that docker-compose.yml names: random, for its owner alone, and the same
# when it runs again. Needs root.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$1
deploy/secrets.sh "$dir"
find "$dir" -type f -exec sha256sum {} + | sort >"$dir.first"
deploy/secrets.sh "$dir"
find "$dir" -type f -exec sha256sum {} + | sort >"$dir.second"
cmp "$dir.first" "$dir.second"
deploy/secrets.sh "$dir-other"
problems=0
while read -r name; do
    file=$dir/$name
    if [ ! -e "$file" ]; then
        echo "$name is not made"
        problems=1
        continue
    fi
    if [ "$(stat -c %a "$file")" != 600 ] || [ "$(stat -c %u "$file")" = 0 ]; then
        echo "$name: $(stat -c '%a, owner %u' "$file") instead of 600 and the user of its container"
        problems=1
    fi
    # Those that only people know are empty.
    if [ -s "$file" ] && cmp -s "$file" "$dir-other/$name"; then
        echo "$name is not random"
        problems=1
    fi
done < <(sed -n 's|.*{ file: ./secrets/\([a-z_]*\) }.*|\1|p' docker-compose.yml)
rm -rf "$dir-other" "$dir.first" "$dir.second"
exit "$problems"
