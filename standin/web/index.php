<?php

// The stand-in's page: the parish's name and address, read from its own database.

declare(strict_types=1);

require __DIR__ . '/databases.php';

function escape(?string $text): string {
  return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

function is_trusted_host(array $settings): bool {
  $host = strtolower(preg_replace('/:\d+$/', '', trim($_SERVER['HTTP_HOST'] ?? '')));
  foreach ($settings['trusted_host_patterns'] ?? [] as $pattern) {
    if (preg_match('{' . $pattern . '}i', $host)) {
      return TRUE;
    }
  }
  return FALSE;
}

function stop_with(int $status, string $text): never {
  http_response_code($status);
  echo '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Civiparoisse</title><p>' . escape($text) . '</p></html>';
  exit;
}

header('Content-Type: text/html; charset=utf-8');
header('X-Content-Type-Options: nosniff');
header("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'");

try {
  [$databases, $settings] = read_settings((string) getenv('FILES_DIR'));
}
catch (Throwable $error) {
  error_log(get_class($error) . ' while reading settings.php');
  stop_with(503, 'Site non configuré.');
}
if (!is_trusted_host($settings)) {
  stop_with(400, 'Nom d’hôte inconnu de ce site.');
}
try {
  $civicrm = connect_database($databases, 'civicrm');
  $parish = $civicrm->query(
    'SELECT domain.name, contact.organization_name, address.street_number, address.street_address,
            address.postal_code, address.city, phone.phone
     FROM civicrm_domain domain
     JOIN civicrm_contact contact ON contact.id = domain.contact_id
     LEFT JOIN civicrm_address address ON address.contact_id = contact.id
     LEFT JOIN civicrm_phone phone ON phone.contact_id = contact.id
     ORDER BY domain.id LIMIT 1')->fetch_assoc();
  $count = $civicrm->query('SELECT COUNT(*) FROM civicrm_contact WHERE is_deleted = 0')->fetch_row()[0];
}
catch (mysqli_sql_exception $error) {
  error_log('Database error ' . $error->getCode());
  stop_with(503, 'La base de données ne répond pas.');
}
if ($parish === NULL) {
  stop_with(503, 'Le domaine CiviCRM est vide.');
}
?>
<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title><?= escape($parish['name']) ?></title>
<style>body { font: 1.1rem/1.5 sans-serif; margin: 3rem auto; max-width: 40rem; } small { color: #555; }</style>
</head>
<body>
<h1><?= escape($parish['name']) ?></h1>
<p><?= escape($parish['street_number']) ?> <?= escape($parish['street_address']) ?><br>
<?= escape($parish['postal_code']) ?> <?= escape($parish['city']) ?><br>
<?= escape($parish['phone']) ?></p>
<p>Contacts : <?= (int) $count ?></p>
<p><small>Page de remplacement : les vraies images apportent CiviCRM.</small></p>
</body>
</html>
