#!/bin/sh
# Run once by PostgreSQL's image, on an empty volume: an account for Temporal and one for the records, each with databases
# that the other cannot enter.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set temporal `cat /run/secrets/temporal_database_password`
\set records `cat /run/secrets/records_database_password`
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE ROLE zaoying LOGIN PASSWORD :'records';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE zaoying OWNER zaoying;
REVOKE ALL ON DATABASE temporal, temporal_visibility, zaoying, postgres FROM PUBLIC;
SQL
