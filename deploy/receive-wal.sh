#!/bin/sh
# Receives everything that PostgreSQL writes, as it writes it. From then on a commit is acknowledged once it is here too.
# `receive-wal.sh check` says whether that is so.
set -eu

PGPASSWORD=$(cat /run/secrets/backup_database_password)
export PGPASSWORD
slot=backup

if [ "${1:-}" = check ]; then
  psql --no-psqlrc --tuples-only --command "SHOW synchronous_standby_names" | grep --quiet "$slot"
  exit
fi

wal=/backup/current/wal
mkdir -p "$wal"
pg_receivewal --directory "$wal" --slot "$slot" --create-slot --if-not-exists
PGAPPNAME=$slot pg_receivewal --directory "$wal" --slot "$slot" --synchronous &
receiver=$!
trap 'kill -INT "$receiver"; wait "$receiver"' TERM INT
psql --no-psqlrc --quiet --command "ALTER SYSTEM SET synchronous_standby_names = '$slot'" --command "SELECT pg_reload_conf()" >/dev/null
wait "$receiver"
