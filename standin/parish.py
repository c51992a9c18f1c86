"""The statements that create the accounts and write one parish into the empty schema."""

import hashlib

from standin.parameters import Parameters
from standin.quoting import quote_sql, quote_sql_string

DATABASES = ("civicrm", "drupal", "civilog")
TRIALS = "civiparoisse\\_trial\\_%"  # of a restore, which tries definitions there before it drops anything
CONTACTS = 60


def make_account_statements(parameters: Parameters) -> str:
    """Return what root runs once: its own password, the three databases, and their account with rights on them and on
    those in which a restore tries definitions."""
    user = f"{quote_sql_string(parameters.db_user)}@'%'"
    statements = [f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" for name in DATABASES]
    statements.append(f"CREATE USER {user} IDENTIFIED BY {quote_sql_string(parameters.secrets['DB_PASSWORD'])}")
    statements += [f"GRANT ALL PRIVILEGES ON `{name}`.* TO {user}" for name in (*DATABASES, TRIALS)]
    password = quote_sql_string(parameters.secrets["DB_ROOT_PASSWORD"])
    statements.append(f"ALTER USER 'root'@'localhost' IDENTIFIED BY {password}")
    return ";\n".join(statements) + ";\n"


def make_parish_statements(parameters: Parameters) -> str:
    """Return what the account runs in `civicrm`: domain, parish, settings, scheduled jobs, and some contacts."""
    value = {name: quote_sql(text) for name, text in parameters.parish.items()}
    name = value["PAROISSE_NAME"]
    settings = {
        "mailing_backend": "disabled" if not parameters.mail_enabled else "smtp",
        "enable_components": "CiviMail,CiviContribute",
        "logging": "1",
        "bounce_localpart": parameters.parish["BOUNCE_LOCALPART"],
        "bounce_return_path": parameters.parish["BOUNCE_RETURNPATH"],
        "mail_domain": parameters.parish["MAILDOMAIN"],
    }
    rows = ", ".join(f"({quote_sql(key)}, {quote_sql(text)}, 1)" for key, text in sorted(settings.items()))
    return f"""START TRANSACTION;
INSERT INTO civicrm_contact (id, contact_type, display_name, sort_name, organization_name, hash)
  VALUES (1, 'Organization', {name}, {name}, {name}, X'000102FEFF');
INSERT INTO civicrm_domain (id, name, description, version, contact_id)
  VALUES (1, {name}, {value["CIVI_DOMAIN"]}, {quote_sql(parameters.versions["civicrm"])}, 1);
INSERT INTO civicrm_email (contact_id, email) VALUES (1, {value["MAILDOMAIN_ADDR"]});
INSERT INTO civicrm_phone (contact_id, phone) VALUES (1, {value["PAROISSE_PHONE"]});
INSERT INTO civicrm_address (contact_id, street_number, street_address, city, postal_code)
  VALUES (1, {value["PAROISSE_STREETNUMBER"]}, {value["PAROISSE_ADDR"]}, {value["PAROISSE_CITY"]},
  {value["PAROISSE_ZIPCODE"]});
INSERT INTO civicrm_setting (name, value, domain_id) VALUES {rows};
INSERT INTO civicrm_job (name, run_frequency) VALUES ('purge_cache', 'Hourly'), ('process_mailing', 'Always');
{_make_contact_statements()}COMMIT;
"""


def _make_contact_statements() -> str:
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= {CONTACTS})"
    family = "ELT(1 + i % 5, 'Müller', 'Schœttel', 'N''Guyen', 'Østergård', '渡辺')"
    given = "ELT(1 + i % 4, 'Élodie 🎂', 'Jean', 'Noëlle', 'Zoé')"
    return f"""INSERT INTO civicrm_contact
  (id, contact_type, display_name, sort_name, first_name, last_name, custom_data)
  {numbers} SELECT i, 'Individual', CONCAT({given}, ' ', {family}), CONCAT({family}, ', ', {given}), {given}, {family},
  CONCAT('{{"number": ', i, ', "note": "\\\\"quoted\\\\""}}') FROM n;
INSERT INTO civicrm_email (contact_id, email)
  SELECT id, CONCAT('contact', id, '@example.org') FROM civicrm_contact WHERE id > 1;
INSERT INTO civicrm_phone (contact_id, phone)
  SELECT id, CONCAT('+33 3 88 00 0', id DIV 10, ' ', id) FROM civicrm_contact WHERE id > 1;
INSERT INTO civicrm_group_contact (group_id, contact_id, status)
  SELECT 1 + id % 3, id, 'Added' FROM civicrm_contact WHERE id > 1;
INSERT INTO civicrm_activity (source_contact_id, subject, details, attachment)
  SELECT id, CONCAT('Visite n° ', id), REPEAT('Compte rendu. ', id), UNHEX(REPEAT(HEX(id), 9)) FROM civicrm_contact;
INSERT INTO civicrm_cache (group_name, path, data, expired_date) VALUES ('settings', 'demo', 'a:0:{{}}', NULL);
"""


def make_update_statements(parameters: Parameters) -> str:
    """Return what the account runs to bring the data to the versions of a release; empty ones change nothing."""
    civicrm, drupal = parameters.versions["civicrm"], parameters.versions["drupal"]
    statements = ["START TRANSACTION"]
    if civicrm:
        # Compared with a column: without a collation of its own it would be that of the connection.
        version = f"{quote_sql(civicrm)} COLLATE utf8mb4_unicode_ci"
        statements.append(
            "INSERT INTO civicrm.civicrm_job_log (name, description)"
            f" SELECT 'upgrade', CONCAT('From ', COALESCE(version, '?'), ' to ', {version}) FROM civicrm.civicrm_domain"
            f" WHERE id = 1 AND NOT version <=> {version}"
        )
        statements.append(f"UPDATE civicrm.civicrm_domain SET version = {version} WHERE id = 1")
    if drupal:
        value = quote_sql(f's:{len(drupal.encode())}:"{drupal}";')
        statements.append(
            "INSERT INTO drupal.key_value (collection, name, value)"
            f" VALUES ('state', 'civiparoisse.drupal_version', {value}) ON DUPLICATE KEY UPDATE value = {value}"
        )
    return ";\n".join([*statements, "COMMIT"]) + ";\n"


def make_drupal_statements(parameters: Parameters) -> str:
    """Return what the account runs in `drupal`: the administrator, the site's name and mail."""
    # Drupal's own format ("$S$…") needs its code; this is a salted digest that no Drupal accepts, and no password.
    password = parameters.secrets["DRUPAL_ADMIN_PASSWORD"].encode()
    salt = parameters.secrets["HASH_SALT"].encode()
    digest = hashlib.pbkdf2_hmac("sha256", password, salt, 100_000).hex()
    user = quote_sql(parameters.secrets["DRUPAL_ADMIN_USER"])
    name, mail = quote_sql(parameters.parish["PAROISSE_NAME"]), quote_sql(parameters.parish["MAILSITE_ADDR"])
    return f"""START TRANSACTION;
INSERT INTO users_field_data (uid, langcode, name, pass, mail, status, created, access, login) VALUES
  (0, 'fr', '', NULL, NULL, 0, 0, 0, NULL),
  (1, 'fr', {user}, 'pbkdf2$sha256${digest}', {quote_sql(parameters.parish["MAILADMIN_ADDR"])}, 1,
   UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP());
INSERT INTO config (collection, name, data) VALUES ('', 'system.site', CONCAT('name: ', {name}, '\\nmail: ', {mail}));
INSERT INTO key_value (collection, name, value) VALUES ('state', 'system.cron_last', 'i:0;'),
  ('system.schema', 'civicrm', CONCAT('i:', CHAR_LENGTH({name}), ';'));
INSERT INTO cache_default (cid, data, created) VALUES ('locale:fr', REPEAT('x', 1000), UNIX_TIMESTAMP());
COMMIT;
"""
