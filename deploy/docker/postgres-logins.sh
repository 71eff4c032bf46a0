#!/bin/bash
# Runs once, when the database is made: the logins of the api and of the workers. What each may do
# is granted to the group roles by the migrations.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set api_password="$(cat /run/secrets/database_api_password)" \
    --set worker_password="$(cat /run/secrets/database_worker_password)" <<'SQL'
CREATE ROLE medique_api NOLOGIN;
CREATE ROLE medique_worker NOLOGIN;
CREATE ROLE medique_api_login LOGIN PASSWORD :'api_password' IN ROLE medique_api;
CREATE ROLE medique_worker_login LOGIN PASSWORD :'worker_password' IN ROLE medique_worker;
SQL
