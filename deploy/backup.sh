#!/bin/sh
# Takes a base backup of the whole cluster; with what receive-wal.sh has received since, everything can be restored.
set -eu

PGPASSWORD=$(cat /run/secrets/backup_database_password)
export PGPASSWORD

new=/backup/current/base.$$
pg_basebackup --pgdata "$new" --wal-method none --no-manifest --checkpoint fast
rm -rf /backup/current/base
mv "$new" /backup/current/base
