#!/bin/sh
# Takes a base backup of the whole cluster; with what receive-wal.sh has received since, everything can be restored. What was
# received before is removed.
set -eu

if [ ! -d /backup/current/wal ]; then
  echo "nothing is received in /backup/current/wal: start the service postgresql-wal first" >&2
  exit 1
fi

PGPASSWORD=$(cat /run/secrets/backup_database_password)
export PGPASSWORD

new=/backup/current/base.$$
pg_basebackup --pgdata "$new" --wal-method none --no-manifest --checkpoint fast
rm -rf /backup/current/previous
[ ! -d /backup/current/base ] || mv /backup/current/base /backup/current/previous
mv "$new" /backup/current/base
rm -rf /backup/current/previous
first=$(sed -n 's/^START WAL LOCATION: .*(file \(.*\))$/\1/p' /backup/current/base/backup_label)
pg_archivecleanup /backup/current/wal "$first"
