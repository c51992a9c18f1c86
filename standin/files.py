"""The files of a new site: settings, uploads, private documents."""

import os
from pathlib import Path

from standin.parameters import Parameters
from standin.settings_files import SiteSettings, make_civicrm_settings, make_drupal_settings

# A picture of one transparent point (GIF89a).
PICTURE = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
# The settings' modes of the real images (docs/domain.md#images).
DRUPAL_SETTINGS_MODE = 0o640
CIVICRM_SETTINGS_MODE = 0o440


def write_site_files(parameters: Parameters) -> None:
    """Write both trees. They are empty before but for the volumes' own lost+found (docs/traps.md#lostfound)."""
    files, private = parameters.places.files_dir, parameters.places.private_dir
    site = SiteSettings(
        host=parameters.host,
        files_dir=files,
        private_dir=private,
        db_host=parameters.db_host,
        db_port=parameters.db_port,
        db_user=parameters.db_user,
        db_password=parameters.secrets["DB_PASSWORD"],
        hash_salt=parameters.secrets["HASH_SALT"],
        site_key=parameters.secrets["SITE_KEY"],
        cred_key=parameters.secrets["CRED_KEY"],
        sign_key=parameters.secrets["SIGN_KEY"],
        mail_enabled=parameters.mail_enabled,
    )
    uploads = files / "default" / "files"
    _write(files / "default" / "settings.php", make_drupal_settings(site).encode(), DRUPAL_SETTINGS_MODE)
    _write(files / "default" / "civicrm.settings.php", make_civicrm_settings(site).encode(), CIVICRM_SETTINGS_MODE)
    _write(files / "default" / "services.yml", b"parameters:\n  session.storage.options: {}\n", 0o640)
    _write(uploads / "logo.gif", PICTURE)
    _write(uploads / "2026-11" / "Bulletin de l'été.txt", b"Bulletin paroissial\n" * 50)
    _write(uploads / "civicrm" / "templates_c" / ".keep", b"")
    _write(uploads / "civicrm" / "ConfigAndLog" / ".keep", b"")
    _write(uploads / "civicrm" / "persist" / "mosaico" / "modèle.html", b"<p>Mod\xc3\xa8le</p>\n")
    (uploads / "logo-actuel.gif").symlink_to("logo.gif")
    _write(private / "registre" / "baptêmes.csv", "nom;date\nMüller;2026-05-17\n".encode())
    _write(private / ".htaccess", b"Require all denied\n")


def _write(path: Path, content: bytes, mode: int = 0o660) -> None:
    path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)
