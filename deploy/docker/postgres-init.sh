#!/bin/bash
# Runs once, when the database is made: the logins of the api, of the workers and of base backups, which have no
# passwords (deploy/postgres). What the first two may do is granted to the group roles by the migrations.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE medique_api NOLOGIN;
CREATE ROLE medique_worker NOLOGIN;
CREATE ROLE medique_api_login LOGIN IN ROLE medique_api;
CREATE ROLE medique_worker_login LOGIN IN ROLE medique_worker;
CREATE ROLE medique_replication LOGIN REPLICATION;
SQL
