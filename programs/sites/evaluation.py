"""The settings of a copy as PHP itself understands them, whatever they include: they must name the copy's own server.

PHP runs without its configuration, without functions that reach anything, below the staged tree only, and without a
network where this account may do without one (unshare(1)).
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from programs.run.failures import ProgramError
from programs.run.streams import run_command
from programs.sites.copy_block import NewSite
from programs.sites.settings import DSN_NAMES

SECONDS = 30
FORBIDDEN = (
    "exec passthru shell_exec system proc_open popen pcntl_exec pcntl_fork mail fsockopen pfsockopen"
    " stream_socket_client stream_socket_server socket_create curl_init curl_exec curl_multi_exec dl ftp_connect"
    " mysqli_connect mysqli_real_connect file_put_contents unlink rename rmdir mkdir chmod symlink link"
).split()
# Told at the end even when something that is included is not there: what was said until then counts.
SCRIPT = """<?php
$civiparoisse_names = json_decode($argv[3]);
register_shutdown_function(function () {
  global $databases, $civiparoisse_names, $civiparoisse_complete;
  $constants = [];
  foreach ($civiparoisse_names as $name) { if (defined($name)) { $constants[$name] = constant($name); } }
  ob_end_clean();
  echo json_encode(['databases' => $databases ?? [], 'constants' => $constants,
    'complete' => !empty($civiparoisse_complete)], JSON_INVALID_UTF8_SUBSTITUTE);
  exit(0);
});
ob_start();
error_reporting(0);
[$app_root, $site_path, $databases, $settings, $config] = [$argv[1], $argv[2], [], [], []];
define('DRUPAL_ROOT', $app_root);
$_SERVER += ['REMOTE_ADDR' => '127.0.0.1', 'HTTP_HOST' => 'localhost', 'SERVER_NAME' => 'localhost'];
include "$app_root/$site_path/settings.php";
include "$app_root/$site_path/civicrm.settings.php";
$civiparoisse_complete = true;
"""


def check_evaluated(staged: Path, site: NewSite) -> list[str]:
    """Raise ProgramError (``settings_unclear``) when a staged copy would go to another server than its own. Return what
    must be said when PHP cannot tell."""
    if shutil.which("php") is None:
        return ["PHP is not installed here: that the copy's settings lead to its own server was only read, not run"]
    told = []
    for site_path in ("sites/default", "default"):
        found = evaluate(staged, site_path)
        if found is None:
            told = ["PHP could not evaluate the copy's settings: they were only read"]
            continue
        for what, host, port, user in list_servers(found):
            if (host, str(port or 3306), user) != (site.db_host, str(site.db_port), site.user):
                raise make_elsewhere(what, host=host, port=port)
    return told


def evaluate(staged: Path, site_path: str) -> Mapping[str, Any] | None:
    """What PHP says of the settings of a staged tree; None when it says nothing."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "sites").symlink_to(staged)
        (root / "default").symlink_to(staged / "default")
        (root / "tell.php").write_text(SCRIPT)
        basedir = f"{root}:{staged}"
        limits = {"open_basedir": basedir, "disable_functions": ",".join(FORBIDDEN), "allow_url_fopen": "0"}
        limits |= {"allow_url_include": "0", "memory_limit": "128M", "max_execution_time": "10", "display_errors": "0"}
        options = [part for key, value in limits.items() for part in ("-d", f"{key}={value}")]
        command = ["php", "-n", *options, str(root / "tell.php"), str(root), site_path, json.dumps(DSN_NAMES)]
        for prefix in (["unshare", "-n"], ["unshare", "-r", "-n"], []):
            try:
                output = run_command([*prefix, *command], timeout_seconds=SECONDS)
                answer = json.loads(output)
            except (ProgramError, ValueError):
                continue
            return answer if isinstance(answer, dict) else None
    return None


def list_servers(found: Mapping[str, Any]) -> list[tuple[str, str, str | int | None, str]]:
    """What names a server in an evaluation: what it is, host, port, account."""
    servers: list[tuple[str, str, str | int | None, str]] = []
    for name, value in dict(found.get("constants") or {}).items():
        parts = urlsplit(str(value))
        servers.append((name, parts.hostname or "", parts.port, unquote(parts.username or "")))
    pending = [("$databases", found.get("databases") or {})]
    while pending:
        where, value = pending.pop()
        if not isinstance(value, dict | list):
            continue
        if isinstance(value, dict) and "database" in value and value.get("driver", "mysql") != "sqlite":
            host = "a socket" if value.get("unix_socket") else str(value.get("host", ""))
            servers.append((where, host, value.get("port"), str(value.get("username", ""))))
            continue
        items = value.items() if isinstance(value, dict) else enumerate(value)
        pending += [(f"{where}[{key}]", item) for key, item in items]
    return servers


def make_elsewhere(what: str, *, host: str, port: str | int | None) -> ProgramError:
    """The error of a copy that would write into another server's data."""
    place = f"{host}:{port}" if port else host
    return ProgramError(
        "settings_unclear",
        f"evaluated by PHP, {what} of the copy would lead to {place}, which is not its own server",
        hint="look at what the settings files include; write such values into settings.php, and take another backup",
        params={"file": what, "reason": f"it leads to {place}"},
    )
