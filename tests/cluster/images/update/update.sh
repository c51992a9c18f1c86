#!/bin/bash
# Stand-in for UEPAL's update: changes the schema and the files of a stopped instance (docs/traps.md#update-at-every-start).
# With UPDATE_FAILS in the image it gives up half-way, with both already changed.
set -xev
chown -R mysql: /var/lib/mysql
mkdir -p /var/run/mysqld
chown mysql: /var/run/mysqld
mysqld --defaults-file=/opt/standin/private.cnf --skip-networking --socket=/var/run/mysqld/mysqld.sock &
server=$!
until mysqladmin ping; do kill -0 "$server"; sleep 0.2; done
root() { mysql -uroot -p"$(cat "/var/run/secrets/$DBROOTSECRET")" "$@"; }
root civicrm -e 'ALTER TABLE civicrm_contact ADD COLUMN updated_by VARCHAR(32)'
root civicrm -e "UPDATE civicrm_domain SET version = '$CIVICRM_VERSION'"
root civicrm -e "UPDATE civicrm_contact SET updated_by = '$CIVICRM_VERSION'"
echo "$CIVICRM_VERSION" >/app/web/sites/default/files/updated.txt
if [ -n "$UPDATE_FAILS" ]; then
  echo 'ERROR: the upgrade of the database failed' >&2
  kill -9 "$server"
  exit 1
fi
mysqladmin -uroot -p"$(cat "/var/run/secrets/$DBROOTSECRET")" shutdown
wait "$server"
chown paroisse:www-data /app/web/sites/default/files/updated.txt
chmod 660 /app/web/sites/default/files/updated.txt
