#!/bin/bash
# Stand-in for UEPAL's cron: waits for the database without end, and its exit code is that of the last command.
until mysqladmin ping; do sleep 1; done
runuser -u paroisse -- php /app/cron.php
pkill mysqlrouter
