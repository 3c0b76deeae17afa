#!/bin/sh
# Run once by PostgreSQL's image, on an empty volume: an account for Temporal and one for the records, each with databases
# that the other cannot enter, and one that backs up.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set temporal `cat /run/secrets/temporal_database_password`
\set records `cat /run/secrets/records_database_password`
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
\set backup `cat /run/secrets/backup_database_password`
CREATE ROLE zaoying LOGIN PASSWORD :'records';
CREATE ROLE backup LOGIN REPLICATION PASSWORD :'backup';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE zaoying OWNER zaoying;
REVOKE ALL ON DATABASE temporal, temporal_visibility, zaoying, postgres FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO backup;
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO backup;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO backup;
SQL
echo "host replication backup all scram-sha-256" >>"$PGDATA/pg_hba.conf"
