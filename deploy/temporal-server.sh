#!/bin/sh
# Starts the Temporal server with its database password from a file: the server itself reads it from the environment alone.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal_database_password)
TEMPORAL_BROADCAST_ADDRESS=$(getent hosts "$(hostname)" | awk '{print $1; exit}')
export POSTGRES_PWD TEMPORAL_BROADCAST_ADDRESS

exec temporal-server start
