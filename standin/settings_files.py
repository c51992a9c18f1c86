"""settings.php and civicrm.settings.php, in the shapes Drupal 9 and CiviCRM write."""

import base64
from dataclasses import dataclass
from pathlib import Path

from standin.quoting import quote_php, quote_url

# The machine itself may ask for the page without knowing the parish's name.
LOOPBACK_PATTERNS = (r"^127\.0\.0\.1$", r"^localhost$")


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """Values of the two files. `host` is a host name already checked; `files_dir` is Drupal's `sites` directory."""

    host: str
    files_dir: Path
    private_dir: Path
    db_host: str
    db_port: int
    db_user: str
    db_password: str
    hash_salt: str
    site_key: str
    cred_key: str
    sign_key: str
    mail_enabled: bool


def make_drupal_settings(site: SiteSettings) -> str:
    """Return the text of sites/default/settings.php."""
    patterns = (f"^{site.host.replace('.', chr(92) + '.')}$", *LOOPBACK_PATTERNS)
    trusted = "".join(f"  '{pattern}',\n" for pattern in patterns)
    return f"""<?php

$databases['default']['default'] = array (
  'database' => 'drupal',
  'username' => {quote_php(site.db_user)},
  'password' => {quote_php(site.db_password)},
  'prefix' => '',
  'host' => {quote_php(site.db_host)},
  'port' => '{site.db_port}',
  'namespace' => 'Drupal\\\\Core\\\\Database\\\\Driver\\\\mysql',
  'driver' => 'mysql',
);
$settings['hash_salt'] = {quote_php(site.hash_salt)};
$settings['config_sync_directory'] = 'sites/default/files/config/sync';
$settings['file_private_path'] = {quote_php(str(site.private_dir))};
$settings['update_free_access'] = FALSE;
$settings['trusted_host_patterns'] = [
{trusted}];
$settings['reverse_proxy'] = TRUE;
$settings['reverse_proxy_addresses'] = array($_SERVER['REMOTE_ADDR'] ?? '127.0.0.1');
"""


def make_civicrm_settings(site: SiteSettings) -> str:
    """Return the text of sites/default/civicrm.settings.php."""

    def define(name: str, value: str) -> str:
        return f"if (!defined('{name}')) {{\n  define('{name}', {value});\n}}\n"

    def make_dsn(database: str) -> str:
        account = f"{quote_url(site.db_user)}:{quote_url(site.db_password)}"
        return quote_php(f"mysql://{account}@{site.db_host}:{site.db_port}/{database}?new_link=true")

    templates = site.files_dir / "default" / "files" / "civicrm" / "templates_c"
    parts = [
        "<?php\n\nglobal $civicrm_root, $civicrm_setting, $civicrm_paths;\n\n",
        define("CIVICRM_UF", "'Drupal8'"),
        define("CIVICRM_UF_DSN", make_dsn("drupal")),
        define("CIVICRM_DSN", make_dsn("civicrm")),
        define("CIVICRM_LOGGING_DSN", make_dsn("civilog")),
        "$civicrm_root = dirname(__DIR__, 3) . '/vendor/civicrm/civicrm-core';\n",
        define("CIVICRM_TEMPLATE_COMPILEDIR", quote_php(str(templates))),
        define("CIVICRM_UF_BASEURL", quote_php(f"https://{site.host}/")),
        define("CIVICRM_SITE_KEY", quote_php(site.site_key)),
        define("_CIVICRM_CRED_KEYS", quote_php(f"aes-cbc:hkdf-sha256:{_encode(site.cred_key)}")),
        define("_CIVICRM_SIGN_KEYS", quote_php(f"jwt-hs256:hkdf-sha256:{_encode(site.sign_key)}")),
        define("CIVICRM_DOMAIN_ID", "1"),
        define("CIVICRM_DB_CACHE_CLASS", "'ArrayCache'"),
    ]
    if not site.mail_enabled:
        log = site.files_dir / "default" / "files" / "civicrm" / "ConfigAndLog" / "mail.log"
        parts.append(define("CIVICRM_MAIL_LOG", quote_php(str(log))))
    return "".join(parts)


def _encode(key: str) -> str:
    return base64.b64encode(key.encode()).decode().rstrip("=")
