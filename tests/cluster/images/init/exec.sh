#!/bin/bash
# Stand-in for UEPAL's init: leaves with 0 unless both directories are empty (docs/traps.md#half-failed-init),
# and prints every password on its way (set -x, docs/traps.md#passwords-in-logs). No termination message: theirs writes none.
# shellcheck disable=SC2153 # the names are config-init's
set -xev
if [ -n "$(ls -A /var/lib/mysql)" ] || [ -n "$(ls -A /app/web/sites)" ]; then exit 0; fi
secrets=/var/run/secrets
for name in "$DBSECRET" "$DBROOTSECRET" "$DRUPAL_ADMIN_USER_SECRET" "$DRUPAL_ADMIN_PASSWORD_SECRET" \
  "$IMAP_USERNAME_SECRET" "$IMAP_PASSWORD_SECRET" "$SMTP_USERNAME_SECRET" "$SMTP_PASSWORD_SECRET"; do
  printf '%s' "$(cat "$secrets/$name")"
done
work=$(mktemp -d)
for name in site cred sign salt; do od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$work/$name"; done
export DB_PASSWORD_FILE=$secrets/$DBSECRET DB_ROOT_PASSWORD_FILE=$secrets/$DBROOTSECRET
export DRUPAL_ADMIN_USER_FILE=$secrets/$DRUPAL_ADMIN_USER_SECRET
export DRUPAL_ADMIN_PASSWORD_FILE=$secrets/$DRUPAL_ADMIN_PASSWORD_SECRET
export SITE_KEY_FILE=$work/site CRED_KEY_FILE=$work/cred SIGN_KEY_FILE=$work/sign HASH_SALT_FILE=$work/salt
export SITE_HOST=$SERVERNAME DB_HOST=$DBHOST DB_PORT=3306 DB_USER=$DBUSER
export DB_DIR=/var/lib/mysql FILES_DIR=/app/web/sites PRIVATE_DIR=/app/private WORK_DIR=$work RESULT_FILE=/dev/null
export INIT_SOCKET=/var/run/mysqld/mysqld.sock DB_CONFIGURATION=/opt/standin/private.cnf
export DB_SERVER=mysqld DB_CLIENT=mysql DB_INSTALL=''
MAIL_ENABLED=$([ "$SMTP_HOST" = mail.invalid ] && echo 0 || echo 1)
export MAIL_ENABLED
mkdir -p /var/run/mysqld "$MAILDIR"
chown mysql: /var/run/mysqld /var/lib/mysql "$work"
python3 -m fill
settings=/app/web/sites/default/settings.php
echo "\$settings['trusted_host_patterns'] = $TRUSTED_HOST_PATTERNS;" >>"$settings"
chown -R paroisse:www-data /app/web/sites /app/private
find /app/web/sites /app/private -type d -exec chmod 770 {} +
find /app/web/sites /app/private -type f -exec chmod 660 {} +
chmod 640 "$settings"
chmod 440 /app/web/sites/default/civicrm.settings.php
