#!/bin/bash
# What the entry point of the image `postgres` does with the variables that docker-compose.yml sets.
set -euo pipefail
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    read -r -a arguments <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" --auth-local trust --encoding UTF8 \
        "${arguments[@]}"
    # Beside the socket, for the files of initdb.d only.
    pg_ctl --wait -o "-c listen_addresses=''" start
    createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) bash "$file" ;;
            *.sql) psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file "$file" ;;
        esac
    done
    pg_ctl --wait --mode fast stop
fi
if [ "${1:-}" = postgres ]; then
    shift
    set -- postgres -c listen_addresses='*' "$@"
fi
exec "$@"
