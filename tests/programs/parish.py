"""The data of a parish made to be hard to back up: SQL of the three databases, and two file trees."""

import os
from pathlib import Path

from tests.servers import MariaDbServer

# Text that looks like structure: a dump reader that is fooled by data loses rows or mixes databases.
NASTY = "a),(b\n-- Current Database: `drupal`\nINSERT INTO `x` VALUES (1);\nDELIMITER ;\n\\' \" é 😀 ;;"
EVERY_BYTE = bytes(range(256))
ODD_NAMES = ("with space", "back`quote", "da-sh", "new\nline", "été", "123", "select")
TRIGGER_BODY = """BEGIN
/* ;;
DELIMITER ;
-- Current Database: `drupal`
*/
-- Current Database: `civilog`
SET @nasty = 'it''s ;;
DELIMITER ;
-- Current Database: `drupal`
INSERT INTO `contact` VALUES
(1,2),(3,4);
';
INSERT INTO civilog.log_contact (id, name) VALUES (NEW.id, NEW.name);
END"""

CIVICRM = [
    "CREATE TABLE civicrm_domain (id INT PRIMARY KEY, version VARCHAR(32))",
    "INSERT INTO civicrm_domain VALUES (1, '6.1.0')",
    """CREATE TABLE contact (id INT PRIMARY KEY AUTO_INCREMENT, name TEXT, photo LONGBLOB, extra JSON,
       size INT GENERATED ALWAYS AS (CHAR_LENGTH(name)) STORED, half INT AS (size DIV 2) VIRTUAL,
       flags BIT(5), amount DECIMAL(20,9), moment DATETIME(6), kind ENUM('a),(','b''c')) COMMENT 'a
-- Current Database: `drupal`'""",
    """CREATE TABLE email (id INT PRIMARY KEY, contact_id INT NOT NULL, address VARCHAR(99) CHARACTER SET latin1,
       FOREIGN KEY (contact_id) REFERENCES contact (id) ON DELETE CASCADE)""",
    "CREATE TABLE empty_table (id INT)",
    "CREATE TABLE history (id INT PRIMARY KEY, value INT) WITH SYSTEM VERSIONING",
    "INSERT INTO history VALUES (1, 1)",
    "UPDATE history SET value = 2",
    "CREATE SEQUENCE receipt START WITH 10 INCREMENT BY 5",
    "CREATE VIEW a_view_of_view AS SELECT 1 AS one",
    "CREATE VIEW plain_view AS SELECT id, name, ');(' AS text FROM contact WHERE name <> 'x\ny'",
    """CREATE OR REPLACE VIEW a_view_of_view AS
       SELECT v.id, l.name FROM plain_view v JOIN civilog.log_contact l USING (id)""",
    """CREATE FUNCTION strip_non_numeric(input TEXT) RETURNS TEXT DETERMINISTIC NO SQL
       RETURN REGEXP_REPLACE(input, '[^0-9]', '')""",
    """CREATE PROCEDURE count_contacts(OUT total INT)
       BEGIN -- a comment; with ;;
         SELECT COUNT(*) INTO total FROM contact; END""",
    "CREATE EVENT purge_log ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM civilog.log_contact WHERE id < 0; END",
    f"CREATE TRIGGER after_contact AFTER INSERT ON contact FOR EACH ROW {TRIGGER_BODY}",
]
CIVILOG = ["CREATE TABLE log_contact (id INT, name TEXT, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"]


def make_text_literal(value: bytes) -> str:
    """A string literal that no escaping rule can change."""
    return f"CONVERT(0x{value.hex()} USING utf8mb4)"


def make_parish(server: MariaDbServer, *, definer: str = "exploitant", contacts: int = 200) -> None:
    """Fill the three databases. Every object's definer is `definer`@'%'."""
    server.execute(*CIVILOG, database="civilog")
    account = f"`{definer}`@`%`"
    defined = [s.replace("CREATE TRIGGER", f"CREATE DEFINER={account} TRIGGER") for s in CIVICRM]
    for word in ("VIEW", "FUNCTION", "PROCEDURE", "EVENT"):
        defined = [s.replace(f"CREATE {word}", f"CREATE DEFINER={account} {word}") for s in defined]
        defined = [s.replace(f"OR REPLACE {word}", f"OR REPLACE DEFINER={account} {word}") for s in defined]
    server.execute(*defined, database="civicrm")
    columns = "(name, photo, extra, flags, amount, moment, kind)"
    rest = f"0x{EVERY_BYTE.hex()}, '{{\"k\": \"),(\\'\"}}', b'10101', -1.5, '0000-00-00', 'a),('"
    nasty = make_text_literal(NASTY.encode())
    rows = ",".join(f"(CONCAT({nasty}, {n}), {rest})" for n in range(contacts))
    server.execute("SET sql_mode=''", f"INSERT INTO contact {columns} VALUES {rows}", database="civicrm")
    server.execute("INSERT INTO email SELECT id, id, 'x@y' FROM contact", database="civicrm")
    for name in ODD_NAMES:
        quoted = "`" + name.replace("`", "``") + "`"
        server.execute(
            f"CREATE TABLE {quoted} (`co l``umn),(` TEXT)",
            f"INSERT INTO {quoted} VALUES ({nasty}), (NULL), ('')",
            database="drupal",
        )


def make_files(root: Path) -> None:
    """A site's tree with the names and shapes that archives get wrong."""
    (root / "default/files/civicrm").mkdir(parents=True)
    (root / "default/settings.php").write_text("<?php $databases = [];\n")
    (root / "default/files/photo.jpg").write_bytes(EVERY_BYTE * 500)
    (root / "default/files/empty").touch()
    (root / "default/files/link").symlink_to("photo.jpg")
    os.link(root / "default/files/photo.jpg", root / "default/files/hard")
    for name in (b"new\nline", b"not-utf8-\xff", b"-dash", b"star*[a]?", b"back\\slash", "é".encode(), b" "):
        with open(os.path.join(os.fsencode(root), name), "wb") as file:
            file.write(name)
    with (root / "sparse").open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    (root / "lost+found").mkdir()
    (root / ".restore-20261121T080000Z-5f3a9c").mkdir()
    (root / ".restore-20261121T080000Z-5f3a9c/half").touch()
    deep = root / "/".join(["deep" * 20] * 4)
    deep.mkdir(parents=True)
    (deep / ("n" * 200)).touch()
