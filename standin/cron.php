<?php

// What `cv api job.execute` does for CiviCRM: run the due jobs and leave a line in civicrm_job_log for each.

declare(strict_types=1);

require __DIR__ . '/web/databases.php';

function write_result(array $result): void {
  file_put_contents((string) getenv('RESULT_FILE'), json_encode($result, JSON_UNESCAPED_UNICODE));
}

$began = microtime(TRUE);
try {
  [$databases] = read_settings((string) getenv('FILES_DIR'));
  $civicrm = connect_database($databases, 'civicrm');
  $jobs = $civicrm->query('SELECT id, name FROM civicrm_job WHERE is_active = 1 ORDER BY id')->fetch_all(MYSQLI_ASSOC);
  $log = $civicrm->prepare('INSERT INTO civicrm_job_log (job_id, name, description) VALUES (?, ?, ?)');
  foreach ($jobs as $job) {
    if ($job['name'] === 'purge_cache') {
      $civicrm->query('DELETE FROM civicrm_cache WHERE expired_date < NOW()');
    }
    $civicrm->query('UPDATE civicrm_job SET last_run = NOW() WHERE id = ' . (int) $job['id']);
    $log->execute([(int) $job['id'], $job['name'], 'Finished execution of ' . $job['name'] . ' with result: Success']);
  }
  write_result(['ok' => TRUE, 'jobs' => count($jobs), 'duration_seconds' => round(microtime(TRUE) - $began, 3)]);
}
catch (Throwable $error) {
  // The text of a mysqli error may quote the account, never the password; the class and the code are enough.
  fwrite(STDERR, get_class($error) . ' ' . $error->getCode() . PHP_EOL);
  write_result(['ok' => FALSE, 'error' => [
    'code' => 'cron_failed', 'message' => get_class($error) . ' ' . $error->getCode(),
    'hint' => 'Check that the database runs and that settings.php names its account.',
    'retryable' => TRUE, 'params' => new stdClass()]]);
  exit(1);
}
