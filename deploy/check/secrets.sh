#!/usr/bin/env bash
# Whether deploy/secrets.sh makes every secret that docker-compose.yml names: random, for its owner alone, and the same
# when it runs again; and whether certificates that are about to end are made anew, and nothing else. Needs root.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$1
problems=0
wrong() {
    echo "$*"
    problems=1
}
sums() { (cd "$1" && sha256sum -- * | sort -k 2); }

deploy/secrets.sh "$dir"
sums "$dir" >"$dir.first"
deploy/secrets.sh "$dir"
sums "$dir" >"$dir.second"
cmp "$dir.first" "$dir.second"
deploy/secrets.sh "$dir-other"
while read -r name; do
    file=$dir/$name
    if [ ! -e "$file" ]; then
        wrong "$name is not made"
        continue
    fi
    # The authority's certificate is for everybody, its key for no container.
    if [ "$name" = ca_key ]; then wrong "a container gets $name"; fi
    if [ "$name" != ca_certificate ] && { [ "$(stat -c %a "$file")" != 600 ] || [ "$(stat -c %u "$file")" = 0 ]; }; then
        wrong "$name: $(stat -c '%a, owner %u' "$file") instead of 600 and the user of its container"
    fi
    # Those that only people know are empty.
    if [ -s "$file" ] && cmp -s "$file" "$dir-other/$name"; then wrong "$name is not random"; fi
done < <(sed -n 's|.*{ file: ./secrets/\([a-z_]*\) }.*|\1|p' docker-compose.yml)
[ "$(stat -c '%a %u' "$dir/ca_key")" = '600 0' ] || wrong "ca_key is not root's alone"

MEDIQUE_CERTIFICATE_DAYS=20 deploy/secrets.sh "$dir-short"
sums "$dir-short" >"$dir.first"
deploy/secrets.sh "$dir-short"
sums "$dir-short" >"$dir.second"
for file in "$dir-short"/*; do
    name=$(basename "$file")
    case $name in
        *_server_*|*_client_*|certificates.prom) expected=changed ;;
        *) expected=same ;;
    esac
    found=changed
    if [ "$(grep " $name\$" "$dir.first")" = "$(grep " $name\$" "$dir.second")" ]; then found=same; fi
    [ "$found" = "$expected" ] || wrong "$name is $found, not $expected, when certificates are about to end"
done
for certificate in "$dir-short"/*_server_certificate "$dir-short"/*_client_certificate; do
    openssl verify -CAfile "$dir-short/ca_certificate" "$certificate" >/dev/null || wrong "$certificate: not ours"
    openssl x509 -in "$certificate" -noout -checkend 2592000 >/dev/null || wrong "$certificate: about to end"
done
rm -rf "$dir-other" "$dir-short" "$dir.first" "$dir.second"
exit "$problems"
