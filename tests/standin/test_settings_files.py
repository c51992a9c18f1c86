"""PHP reads the settings, and finds in them exactly what was given."""

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.local.vendor import find_web_programs
from standin.settings_files import SiteSettings, make_civicrm_settings, make_drupal_settings

PASSWORD = "p'\"\\$x é%/@:#\\"
SITE = SiteSettings(
    host="www.saint-paul.example.org",
    files_dir=Path("/r/saint-paul/files"),
    private_dir=Path("/r/saint-paul/l'été"),
    db_host="127.0.0.1",
    db_port=23000,
    db_user="exploitant",
    db_password=PASSWORD,
    hash_salt="salt'\\",
    site_key="key'\\",
    cred_key="cred",
    sign_key="sign",
    mail_enabled=True,
)
REPORT = """
$names = array_filter(get_defined_constants(true)['user'] ?? [], fn($name) => str_contains($name, 'CIVICRM'),
  ARRAY_FILTER_USE_KEY);
echo json_encode(['databases' => $databases ?? null, 'settings' => $settings ?? null, 'constants' => $names]);
"""


def read_by_php(text: str, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "a" / "b" / "c" / "settings.php"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + REPORT)
    command = [find_web_programs().php, "-d", "error_reporting=-1", "-d", "display_errors=stderr", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    assert answer.stderr == ""
    return dict(json.loads(answer.stdout))


def test_drupal_finds_its_database_and_its_host(tmp_path: Path) -> None:
    found = read_by_php(make_drupal_settings(SITE), tmp_path)
    database = found["databases"]["default"]["default"]
    assert (database["password"], database["port"], database["database"]) == (PASSWORD, "23000", "drupal")
    assert found["settings"]["hash_salt"] == "salt'\\"
    assert found["settings"]["file_private_path"] == "/r/saint-paul/l'été"
    assert found["settings"]["trusted_host_patterns"][0] == r"^www\.saint-paul\.example\.org$"


def test_civicrm_finds_its_databases_and_keys(tmp_path: Path) -> None:
    constants = read_by_php(make_civicrm_settings(SITE), tmp_path)["constants"]
    names = {"CIVICRM_DSN": "civicrm", "CIVICRM_UF_DSN": "drupal", "CIVICRM_LOGGING_DSN": "civilog"}
    for name, database in names.items():
        parts = urlsplit(constants[name])
        assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", 23000, f"/{database}")
        assert unquote(parts.password or "") == PASSWORD
    assert constants["CIVICRM_UF_BASEURL"] == "https://www.saint-paul.example.org/"
    assert constants["CIVICRM_SITE_KEY"] == "key'\\"
    assert constants["_CIVICRM_CRED_KEYS"].startswith("aes-cbc:hkdf-sha256:")
    assert constants["_CIVICRM_SIGN_KEYS"].startswith("jwt-hs256:hkdf-sha256:")
    assert constants["CIVICRM_TEMPLATE_COMPILEDIR"].startswith("/r/saint-paul/files/")
    assert "CIVICRM_MAIL_LOG" not in constants


def test_without_mail_everything_goes_to_a_log(tmp_path: Path) -> None:
    quiet = make_civicrm_settings(dataclasses.replace(SITE, mail_enabled=False))
    assert read_by_php(quiet, tmp_path)["constants"]["CIVICRM_MAIL_LOG"].endswith("mail.log")
