"""What each program cannot run without: no advice and no scenario goes below."""

MEBIBYTE = 1024**2
SMALLEST_CPU_MILLICORES = 25
SMALLEST_MEMORY_BYTES = 50 * MEBIBYTE  # the chart's smallest container (docs/domain.md#sizes)
MYSQL_MINIMUM_BYTES = 350 * MEBIBYTE  # what MySQL 8 needs to start with its defaults
# The chart gives four prefork workers 1024Mi: 256Mi each, CiviCRM's own advice for PHP's memory_limit.
PHP_MEMORY_LIMIT_BYTES = 256 * MEBIBYTE
