#!/bin/sh
# Restores the cluster into an empty volume: the base backup, and everything that was received since. What it restored from
# stays, under another name; receive-wal.sh begins anew.
set -eu

data=${PGDATA:-/var/lib/postgresql/data}
if [ -n "$(ls -A "$data")" ]; then
  echo "$data is not empty: nothing is restored over a database" >&2
  exit 1
fi
if [ ! -d /backup/current/base ]; then
  echo "/backup/current has no base backup: run the service backup first, or put another folder in its place" >&2
  exit 1
fi
from=/backup/restored-$(date +%Y%m%dT%H%M%S)
mv /backup/current "$from"
cp -R "$from/base/." "$data"
chmod 0700 "$data"
touch "$data/recovery.signal"
restore="cp $from/wal/%f %p || cp $from/wal/%f.partial %p"
log=$(mktemp)
pg_ctl --pgdata "$data" --log "$log" --wait --timeout 3600 --options \
  "-c listen_addresses='' -c synchronous_standby_names='' -c \"restore_command=$restore\" -k /tmp" start || { cat "$log" >&2; exit 1; }
until [ "$(psql --no-psqlrc --host /tmp --username postgres --tuples-only --no-align --command 'SELECT pg_is_in_recovery()')" = f ]; do
  sleep 1
done
pg_ctl --pgdata "$data" --wait stop
echo "restored from $from"
