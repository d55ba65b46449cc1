#!/bin/sh
# Backs the sample shop up with pg_dump every BACKUP_EVERY_SECONDS, into /dumps/postgres, from where upload.mjs takes it.
set -eu
export PGHOST=postgres PGUSER=backup PGDATABASE=shop PGPASSWORD="$BACKUP_PASSWORD"
umask 022 # the uploader is another user
rm -f /dumps/postgres/*.part* # of a dump that was cut short

while :; do
  name=shop-$(date -u +%Y-%m-%dT%H%M%SZ).dump
  # Under its own name only when it is whole. One that fails is tried again at the next turn: that it is missing is what drills find out.
  if pg_dump --format=custom --file="/dumps/postgres/$name.part"; then
    mv "/dumps/postgres/$name.part" "/dumps/postgres/$name"
    echo "dumped $name"
  fi
  sleep "$BACKUP_EVERY_SECONDS"
done
