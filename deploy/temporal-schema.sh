#!/bin/sh
# Brings Temporal's two databases to the schema of this version; may be run again at any time.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal_database_password)
export SQL_PASSWORD

for name in temporal:temporal temporal_visibility:visibility; do
  SQL_DATABASE=${name%:*}
  export SQL_DATABASE
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/${name#*:}"
done
