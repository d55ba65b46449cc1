#!/bin/sh
# Backs the sample shop up with mysqldump every BACKUP_EVERY_SECONDS, into /dumps/mysql, from where upload.mjs takes it.
set -eu
umask 077
{
  echo '[client]'
  printf 'user=backup\npassword="%s"\n' "$(printf %s "$BACKUP_PASSWORD" | sed 's/[\\"]/\\&/g')"
} >/tmp/backup.cnf # a password in the arguments could be read by everybody
umask 022 # the uploader is another user
rm -f /dumps/mysql/*.part* # of a dump that was cut short

while :; do
  name=shop-$(date -u +%Y-%m-%dT%H%M%SZ).sql
  # Under its own name only when it is whole. One that fails is tried again at the next turn: that it is missing is what drills find out.
  if mysqldump --defaults-file=/tmp/backup.cnf --host=mysql --single-transaction --routines --triggers --events --no-tablespaces \
    --result-file="/dumps/mysql/$name.part" shop && gzip "/dumps/mysql/$name.part"; then
    mv "/dumps/mysql/$name.part.gz" "/dumps/mysql/$name.gz"
    echo "dumped $name.gz"
  fi
  sleep "$BACKUP_EVERY_SECONDS"
done
