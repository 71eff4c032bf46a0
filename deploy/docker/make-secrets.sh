#!/bin/sh
# Makes the secrets that docker-compose.yml mounts: real random ones, in ./secrets. A secret that is
# there already is left alone; the URLs follow the passwords.
set -eu
cd "$(dirname "$0")/../.."
command -v openssl >/dev/null || { echo 'error: openssl is missing' >&2; exit 1; }

# The folder keeps other users of this machine out; the files must be readable in containers that
# run as a user of their own.
mkdir -p secrets
chmod 700 secrets
umask 022

# Writes standard input to secrets/$1 unless it is there.
keep() {
    if [ -e "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi
}
random() { openssl rand -hex 32; }

for name in database_owner_password database_api_password database_worker_password nats_password link_secret identity_key; do
    random | tr -d '\n' | keep "$name"
done
# Wraps the keys of personal data. Whoever loses it has erased every person: back it up, and not
# beside the database.
openssl rand -base64 32 | tr -d '\n' | keep master_key
openssl genpkey -algorithm ed25519 | keep jwt_signing_key
openssl genpkey -algorithm ed25519 | keep audit_signing_key
# Until there is a real certificate: put it and its key into these two files.
if [ ! -e secrets/tls_certificate ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
        -subj "/CN=${MEDIQUE_HOST:-localhost}" -addext "subjectAltName=DNS:${MEDIQUE_HOST:-localhost}" \
        -keyout secrets/tls_key -out secrets/tls_certificate 2>/dev/null
    # openssl keeps its keys to itself; the proxy runs as a user of its own
    chmod 644 secrets/tls_key
fi
printf 'key: "%s"\n' "$(random)" | keep nats_encryption

# The rest follows from the passwords, so it is written every time.
nats_password=$(cat secrets/nats_password)
printf 'authorization {\n  user: medique\n  password: "%s"\n}\n' "$nats_password" >secrets/nats_auth
printf 'nats://medique:%s@nats:4222' "$nats_password" >secrets/nats_url
printf 'postgres://medique:%s@postgres:5432/medique' "$(cat secrets/database_owner_password)" >secrets/database_owner_url
for side in api worker; do
    printf 'postgres://medique_%s_login:%s@postgres:5432/medique' \
        "$side" "$(cat "secrets/database_${side}_password")" >"secrets/database_${side}_url"
done
echo 'secrets/ is complete'
