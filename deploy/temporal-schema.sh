#!/bin/sh
# Makes or updates Temporal's two databases; may be run again at any time.
set -eu

for name in temporal temporal_visibility; do
  case $name in
    temporal) schema=temporal ;;
    *) schema=visibility ;;
  esac
  tool="temporal-sql-tool --plugin postgres12 --endpoint postgresql --port 5432 --user $POSTGRES_USER --database $name"
  $tool create
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
