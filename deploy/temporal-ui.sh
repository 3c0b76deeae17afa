#!/bin/sh
# Starts Temporal's UI with the secret of its account at the identity provider from a file.
set -eu

TEMPORAL_AUTH_CLIENT_SECRET=$(cat /run/secrets/ui_client_secret)
export TEMPORAL_AUTH_CLIENT_SECRET

exec ./start-ui-server.sh
