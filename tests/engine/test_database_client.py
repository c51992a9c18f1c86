"""The manager's client on a real server: what it counts is true, what it says holds no password."""

import traceback

import pytest

from domain.errors import CiviparoisseError, EngineUnavailable
from domain.specs import Endpoint
from engine.database_client import TenantDatabase, quote_name
from tests.conftest import ParishDatabases
from tests.engine.contract import list_visible_databases
from tests.servers import find_free_port

TRICKY = "odd `name`; -- é"


@pytest.fixture
def database(parish_databases: ParishDatabases) -> TenantDatabase:
    server = parish_databases.server
    server.execute(
        "CREATE TABLE civicrm_domain (id INT PRIMARY KEY, name VARCHAR(64))",
        "INSERT INTO civicrm_domain VALUES (2, 'Autre'), (1, 'Saint-Paul 🎂')",
        f"CREATE TABLE {quote_name(TRICKY)} (id INT PRIMARY KEY) ENGINE=MyISAM",
        "CREATE VIEW names AS SELECT name FROM civicrm_domain",
        "CREATE TRIGGER watch BEFORE INSERT ON civicrm_domain FOR EACH ROW SET NEW.name = TRIM(NEW.name)",
        "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
        "CREATE PROCEDURE two() SELECT 2",
        "CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        database="civicrm",
    )
    endpoint = Endpoint(host=server.host, port=server.port)
    return TenantDatabase(endpoint, parish_databases.user, parish_databases.password)


def test_the_inventory_holds_every_kind_of_object(database: TenantDatabase) -> None:
    inventory = database.read_inventory("civicrm")
    assert inventory.tables == {"civicrm_domain": "InnoDB", TRICKY: "MyISAM"}
    assert inventory.views == ("names",)
    assert inventory.triggers == ("watch",)
    assert inventory.events == ("daily",)
    # Routines of another definer are hidden from an account without global rights; root's are named here.
    assert database.read_inventory("drupal").tables == {}


def test_root_sees_routines(database: TenantDatabase, parish_databases: ParishDatabases) -> None:
    root = make_root(parish_databases)
    assert root.read_inventory("civicrm").routines == ("FUNCTION one", "PROCEDURE two")
    assert database.is_ready()


def test_rows_are_counted_and_summed(database: TenantDatabase, parish_databases: ParishDatabases) -> None:
    assert database.count_rows("civicrm") == {"civicrm_domain": 2, TRICKY: 0}
    before = database.compute_checksums("civicrm")
    assert database.compute_checksums("civicrm") == before
    parish_databases.server.execute("UPDATE civicrm.civicrm_domain SET name = 'x' WHERE id = 2")
    after = database.compute_checksums("civicrm")
    assert after["civicrm_domain"] != before["civicrm_domain"]
    assert after[TRICKY] == before[TRICKY]


def make_root(parish_databases: ParishDatabases) -> TenantDatabase:
    server = parish_databases.server
    return TenantDatabase(Endpoint(host="", port=0, socket=str(server.socket)), "root", "")


def test_an_account_is_made_and_made_again(parish_databases: ParishDatabases) -> None:
    server, root = parish_databases.server, make_root(parish_databases)
    server.execute("CREATE DATABASE othercivicrm")
    for password in ("first'\"\\é", "second%s"):
        root.ensure_account("keeper", password)
        keeper = TenantDatabase(Endpoint(host=server.host, port=server.port), "keeper", password)
        assert list_visible_databases(keeper) == ["civicrm", "civilog", "drupal"]
    assert server.execute("SELECT Host FROM mysql.user WHERE User = 'keeper'") == [("%",)]
    server.execute("GRANT ALL ON *.* TO keeper@'%'")
    assert "othercivicrm" in list_visible_databases(keeper)
    root.ensure_account("keeper", password)
    assert list_visible_databases(keeper) == ["civicrm", "civilog", "drupal"]


def test_a_wrong_password_is_an_error_without_it(database: TenantDatabase) -> None:
    wrong = TenantDatabase(database.endpoint, database.user, "a-wrong-password")
    assert not wrong.is_ready()
    with pytest.raises(CiviparoisseError) as raised:
        wrong.count_rows("civicrm")
    assert raised.value.code == "database_refused"
    assert "a-wrong-password" not in "".join(traceback.format_exception(raised.value)) + repr(wrong)


def test_a_server_that_is_not_there_may_come_back(database: TenantDatabase) -> None:
    absent = TenantDatabase(Endpoint(host="127.0.0.1", port=find_free_port()), "exploitant", database.password)
    assert not absent.is_ready()
    with pytest.raises(EngineUnavailable) as raised:
        absent.count_rows("civicrm")
    assert raised.value.retryable
    assert database.password not in str(raised.value)


def test_a_refused_statement_names_its_number_only(database: TenantDatabase) -> None:
    password = "-".join(["its", "new", "password"])  # a traceback quotes this file's own lines
    with pytest.raises(CiviparoisseError) as raised:
        database.ensure_account("other", password)
    assert raised.value.code == "database_refused"
    assert password not in "".join(traceback.format_exception(raised.value))
