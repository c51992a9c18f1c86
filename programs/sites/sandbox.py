"""Make what was loaded a sandbox: nothing it does by itself reaches anybody or anything outside of it.

CiviCRM: mailings, scheduled jobs, payment processors, mail and SMS accounts off, the environment no longer Production
(its own way to say that jobs and mailings do not run), addresses of the original's pages replaced. Drupal: every
module's mailer, the automated cron. The servers' events: off. Settings that an administrator puts back later are kept.
"""

import re
from collections.abc import Collection

from programs.databases.client import Client, quote_name, quote_text
from programs.databases.inventory import observe_inventory
from programs.run.failures import ProgramError

ENVIRONMENT = "Staging"
COLLECTOR = "test_mail_collector"  # a mail plugin of Drupal's core that keeps messages and sends none
# Tables whose rows do something by themselves, and what makes them rest. Columns that a version lacks are left out.
RESTING = {
    "civicrm_job": {"is_active": "0"},
    "civicrm_payment_processor": {"is_active": "0"},
    "civicrm_sms_provider": {"is_active": "0"},
    "civicrm_oauth_client": {"is_active": "0"},
    "civicrm_mail_settings": {
        "is_active": "0",
        "server": "'localhost.invalid'",
        "username": "NULL",
        "password": "NULL",
    },
}
OUTBOUND_OPTION = re.compile(r's:15:"outBound_option";(?:i:\d+|s:\d+:"[^"]*"|N);')
DISABLED = 's:15:"outBound_option";i:2;'  # CRM_Mailing_Config::OUTBOUND_OPTION_DISABLED
WITHOUT_MAIL = "a:1:{" + DISABLED + "}"
_STRING = re.compile(rb's:(\d+):"')
_INTERFACE = re.compile(rb's:9:"interface";a:\d+:\{(?P<pairs>(?:s:\d+:"[^"]*";s:\d+:"[^"]*";)*)\}')
_PLUGIN = re.compile(rb'(s:\d+:"[^"]*";)s:\d+:"[^"]*";')
_INTERVAL = re.compile(rb's:8:"interval";(?:i:\d+|s:\d+:"[^"]*");')


def quiet_database(client: Client, database: str, *, hosts: Collection[str], site_host: str) -> None:
    """Let nothing of a loaded database act outside. `hosts`: those of the original; `site_host`: the copy's."""
    columns = _list_columns(client, database)
    for table, wanted in RESTING.items():
        changes = [f"{quote_name(name)} = {value}" for name, value in wanted.items() if name in columns.get(table, ())]
        if changes:
            client.run(f"UPDATE {quote_name(database)}.{quote_name(table)} SET {', '.join(changes)};")
    if {"id", "name", "value"} <= columns.get("civicrm_setting", set()):
        _quiet_settings(client, f"{quote_name(database)}.civicrm_setting", hosts=hosts, site_host=site_host)
    if {"name", "data"} <= columns.get("config", set()):
        _quiet_drupal(client, f"{quote_name(database)}.config")


def disable_events(client: Client) -> None:
    """Switch off every event of the account's databases."""
    for database, live in observe_inventory(client).items():
        for name in sorted(live.events):
            client.run(f"ALTER EVENT {quote_name(database)}.{quote_name(name)} DISABLE;")


def _list_columns(client: Client, database: str) -> dict[str, set[str]]:
    tables = ", ".join(f"'{name}'" for name in (*RESTING, "civicrm_setting", "config"))
    rest = f"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME IN ({tables})"
    # A number first, so that there always is an answer: none at all is never taken for "this is no CiviCRM".
    counted = client.query(("COUNT(*)",), rest)
    rows = client.query(("TABLE_NAME", "COLUMN_NAME"), rest) if counted else []
    if len(counted) != 1 or str(len(rows)) != counted[0][0]:
        hint = "run again; if it fails again, read the log"
        raise ProgramError("answer_cut", f"what {database} does by itself could not be read", hint=hint, retryable=True)
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table or "", set()).add(column or "")
    return found


def _quiet_settings(client: Client, table: str, *, hosts: Collection[str], site_host: str) -> None:
    for identifier, name, value in client.query(("id", "name", "value"), f"FROM {table}"):
        if name == "mailing_backend":
            text, found = OUTBOUND_OPTION.subn(DISABLED, value or "")
            text = text if found == 1 else WITHOUT_MAIL
        elif name == "environment":
            text = f's:{len(ENVIRONMENT)}:"{ENVIRONMENT}";'
        elif value is None:
            continue
        else:
            data = value.encode(errors="surrogateescape")
            text = move_addresses(data, hosts=hosts, site_host=site_host).decode(errors="surrogateescape")
        if text != value:
            client.run(f"UPDATE {table} SET value = {quote_text(text)} WHERE id = {int(identifier or 0)};")


def _quiet_drupal(client: Client, table: str) -> None:
    for name in ("system.mail", "automated_cron.settings"):
        for (digits,) in client.query(("HEX(data)",), f"FROM {table} WHERE name = '{name}'"):
            data = bytes.fromhex(digits or "")
            quiet = quiet_mailers(data) if name == "system.mail" else _INTERVAL.sub(b's:8:"interval";i:0;', data)
            if quiet != data:
                client.run(f"UPDATE {table} SET data = 0x{quiet.hex()} WHERE name = '{name}' AND data = 0x{digits};")


def quiet_mailers(data: bytes) -> bytes:
    """Drupal's serialised `system.mail`, with the plugin that sends nothing for each of its modules."""
    plugin = b's:%d:"%b";' % (len(COLLECTOR), COLLECTOR.encode())

    def replace_all(found: re.Match[bytes]) -> bytes:
        pairs = found["pairs"]
        quiet = _PLUGIN.sub(lambda pair: pair[1] + plugin, pairs)
        return found[0].replace(pairs, quiet) if pairs else found[0]

    return _INTERFACE.sub(replace_all, data)


def move_addresses(data: bytes, *, hosts: Collection[str], site_host: str) -> bytes:
    """A value, serialised by PHP or plain, in which addresses of the original's pages are those of the copy's."""
    if not hosts:
        return data
    names = b"|".join(re.escape(host.encode()) for host in sorted(hosts))
    address = re.compile(rb"//(?:" + names + rb")(?=[/:?#\s\"'<]|\Z)")
    new = b"//" + site_host.encode()
    parts, position = [], 0
    while match := _STRING.search(data, position):
        end = match.end() + int(match[1])
        if data[end : end + 2] != b'";':
            break
        value = address.sub(lambda _: new, data[match.end() : end])
        parts += [data[position : match.start()], b's:%d:"%b";' % (len(value), value)]
        position = end + 2
    rest = data[position:]
    return b"".join(parts) + (rest if parts else address.sub(lambda _: new, rest))
