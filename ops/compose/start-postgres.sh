#!/bin/sh
# Serves the sample shop on Postgres. Runs as the image's user postgres, in any image with a server and its tools on PATH.
# BACKUP_PASSWORD: of the role `backup`, which may read everything and change nothing.
set -eu
export PGDATA=/var/lib/postgresql/sample PGHOST=/tmp PGUSER=postgres

make_sample() {
  rm -rf "$PGDATA" # what a stop has left half made is begun anew
  initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  # No TCP before the rows are there: that is how the health check, which asks by TCP, tells that they are.
  pg_ctl --wait --options="-k /tmp -c listen_addresses=''" start
  psql --quiet --set=ON_ERROR_STOP=1 --set=backup_password="$BACKUP_PASSWORD" --file=/sample/postgres.sql
  pg_ctl --wait stop
  touch "$PGDATA/sample-is-made"
}

# A shop that sells nothing has backups whose newest order gets older and older.
sell() {
  while sleep 5; do psql --quiet --dbname=shop --command='call place_order()' || true; done
}

[ -e "$PGDATA/sample-is-made" ] || make_sample
sell &
exec postgres -k /tmp -c listen_addresses='*'
