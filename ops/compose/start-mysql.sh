#!/bin/sh
# Serves the sample shop on MySQL. Runs as the image's user mysql, in any image with a server and its tools on PATH.
# BACKUP_PASSWORD: of the user `backup`, which may read everything and change nothing.
set -eu
data=/var/lib/mysql/sample
# --no-defaults: the same server whatever configuration the image brings.
options="--no-defaults --datadir=$data --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid --tmpdir=/tmp --mysqlx=OFF --secure-file-priv=NULL --loose-innodb-numa-interleave=OFF"

as_root() {
  mysql --no-defaults --user=root --socket=/tmp/mysqld.sock "$@"
}

make_sample() {
  rm -rf "$data" # what a stop has left half made is begun anew
  mysqld $options --initialize-insecure
  # No TCP before the rows are there: that is how the health check, which asks by TCP, tells that they are.
  mysqld $options --skip-networking --daemonize --log-error=/tmp/mysqld.log || { cat /tmp/mysqld.log >&2; exit 1; }
  as_root </sample/mysql.sql
  as_root --execute="create user backup@'%' identified by '$(printf %s "$BACKUP_PASSWORD" | sed "s/[\\\\']/\\\\&/g")';
    grant select, show view, trigger, lock tables, event, process, flush_tables on *.* to backup@'%'"
  mysqladmin --no-defaults --user=root --socket=/tmp/mysqld.sock shutdown
  # The client is told before the server has gone.
  while [ -e /tmp/mysqld.pid ]; do sleep 0.1; done
  touch "$data/sample-is-made"
}

# A shop that sells nothing has backups whose newest order gets older and older.
sell() {
  while sleep 5; do as_root --execute='call shop.place_order()' || true; done
}

[ -e "$data/sample-is-made" ] || make_sample
sell &
exec mysqld $options --bind-address='*'
