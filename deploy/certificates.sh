#!/bin/sh
# Makes the certificates by which the Temporal server and the programs that may reach it know each other (mutual TLS):
#
#   deploy/certificates.sh CONFIG_FOLDER SECRETS_FOLDER
#
# Run again, it renews them under the same authority; the programs take the new ones when they are restarted.
set -eu

config=$1
secrets=$2
authority=$config/temporal-ca.pem
authority_key=$secrets/temporal_authority_key
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

issue() { # NAME CERTIFICATE KEY USAGES
  new_key "$work/key"
  openssl req -new -key "$work/key" -subj "/CN=$1" -out "$work/request"
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=%s\nbasicConstraints=critical,CA:FALSE\n' "$1" "$4" >"$work/extensions"
  openssl x509 -req -in "$work/request" -CA "$authority" -CAkey "$authority_key" -set_serial "0x$(openssl rand -hex 16)" \
    -days 730 -extfile "$work/extensions" -out "$2"
  chmod 0644 "$2"
  # Containers read it as users of their own; the folder of the secrets is root's alone.
  install -m 0444 "$work/key" "$3"
}

if [ ! -e "$authority_key" ]; then
  (umask 077 && new_key "$authority_key")
  openssl req -x509 -new -key "$authority_key" -subj "/CN=zaoying-temporal-authority" -days 3650 -out "$authority"
  chmod 0644 "$authority"
fi
issue temporal "$config/temporal.crt" "$secrets/temporal_key" serverAuth,clientAuth
issue temporal-client "$config/temporal-client.crt" "$secrets/temporal_client_key" clientAuth
