#!/bin/sh
# Does with these variables what the public image of Postgres does, in any image with a server on PATH. Its data is the container's.
set -eu
export PGDATA=/tmp/history

if [ ! -e "$PGDATA" ]; then
  umask 077
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --no-sync
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "create database $POSTGRES_DB" | postgres --single postgres
fi
exec postgres -k /tmp -c listen_addresses='*'
