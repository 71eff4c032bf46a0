# shellcheck shell=sh
# Sourced by check.sh and scan.sh: writes nginx.conf with paths, name and upstream of this machine into the
# folder $1, which holds tls_certificate, tls_key and ca_certificate. Further arguments are sed's.
prepare() {
    folder=$1
    shift
    # shellcheck disable=SC2016 # the text in the file, not its value
    sed -e "s|/tmp/|$folder/|g" \
        -e "s|/run/secrets/|$folder/|g" \
        -e "s|/etc/nginx/medique-headers.conf|$PWD/headers.conf|g" \
        -e 's|${MEDIQUE_HOST}|localhost|g' \
        -e 's|https://api:8080|https://127.0.0.1:9|' "$@" nginx.conf >"$folder/nginx.conf"
}
