#!/bin/bash
# Runs once, when the database is made: the logins of the api, of the workers and of base backups. What the first two
# may do is granted to the group roles by the migrations.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set api_password="$(cat /run/secrets/database_api_password)" \
    --set worker_password="$(cat /run/secrets/database_worker_password)" \
    --set replication_password="$(cat /run/secrets/database_replication_password)" <<'SQL'
CREATE ROLE medique_api NOLOGIN;
CREATE ROLE medique_worker NOLOGIN;
CREATE ROLE medique_api_login LOGIN PASSWORD :'api_password' IN ROLE medique_api;
CREATE ROLE medique_worker_login LOGIN PASSWORD :'worker_password' IN ROLE medique_worker;
CREATE ROLE medique_replication LOGIN REPLICATION PASSWORD :'replication_password';
SQL
echo 'host replication medique_replication all scram-sha-256' >>"$PGDATA/pg_hba.conf"
