"""Turn what was restored into a copy: its own credentials, host and paths, and no outgoing mail."""

import os
import re
from pathlib import Path

from programs.databases.client import Client, quote_name, quote_text
from programs.run.failures import ProgramError
from programs.sites.settings import NewSite, make_civicrm_settings, make_drupal_settings

SETTINGS = {
    "default/settings.php": make_drupal_settings,
    "default/civicrm.settings.php": make_civicrm_settings,
}
MAX_BYTES = 1 << 20
OUTBOUND_OPTION = re.compile(r's:15:"outBound_option";(?:i:\d+|s:\d+:"[^"]*"|N);')
DISABLED = 's:15:"outBound_option";i:2;'  # CRM_Mailing_Config::OUTBOUND_OPTION_DISABLED
WITHOUT_MAIL = "a:1:{" + DISABLED + "}"


def rewrite_staged_settings(staged: Path, site: NewSite) -> None:
    """Rewrite the settings files of a staged tree of sites; their modes stay. Raise ProgramError."""
    for name, make_settings in SETTINGS.items():
        path = staged / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise ProgramError(
                "settings_missing",
                f"the set has no {name}, or one that is not a plain file",
                hint="a copy needs both settings files, to be given its own credentials",
                params={"file": name},
            )
        source = path.read_bytes().decode("utf-8", "surrogateescape")
        text = make_settings(source, site).encode("utf-8", "surrogateescape")
        write_in_place(path, text)


def write_in_place(path: Path, data: bytes) -> None:
    """Replace a file's contents; owner and mode stay, also where the owner may not write (Drupal's 0444)."""
    mode = path.stat().st_mode
    os.chmod(path, mode | 0o200)
    path.write_bytes(data)
    os.chmod(path, mode)


def disable_mailings(client: Client, database: str) -> None:
    """Set CiviCRM's outgoing mail to "disabled" in its database, if this is one."""
    # A number, so that there always is an answer: none at all is never taken for "this is no CiviCRM".
    place = f"WHERE TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME = 'civicrm_setting'"
    named = "COLUMN_NAME IN ('id', 'name', 'value')"
    answer = client.query(("COUNT(*)",), f"FROM information_schema.COLUMNS {place} AND {named}")
    if len(answer) != 1:
        hint = "run again; if it fails again, read the log"
        raise ProgramError("answer_cut", f"whether {database} sends mail could not be read", hint=hint, retryable=True)
    if answer[0][0] != "3":
        return
    table = f"{quote_name(database)}.civicrm_setting"
    for identifier, value in client.query(("id", "value"), f"FROM {table} WHERE name = 'mailing_backend'"):
        text, found = OUTBOUND_OPTION.subn(DISABLED, value or "")
        text = text if found == 1 else WITHOUT_MAIL
        client.run(f"UPDATE {table} SET value = {quote_text(text)} WHERE id = {int(identifier or 0)};")
