<?php

// Reads the credentials where Drupal reads them, and connects. Shared by the page and by cron.

declare(strict_types=1);

mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);

/** Returns [$databases, $settings] of files/default/settings.php. */
function read_settings(string $files_dir): array {
  $app_root = dirname($files_dir);
  $site_path = 'sites/default';
  $databases = [];
  $settings = [];
  require $files_dir . '/default/settings.php';
  return [$databases, $settings];
}

/** Connects to one of the instance's databases with the account of settings.php. */
function connect_database(array $databases, string $name): mysqli {
  $default = $databases['default']['default'];
  $connection = mysqli_init();
  $connection->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
  $connection->real_connect(
    $default['host'], $default['username'], $default['password'], $name, (int) $default['port']);
  $connection->set_charset('utf8mb4');
  return $connection;
}
