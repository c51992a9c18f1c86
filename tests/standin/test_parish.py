"""The statements load on a real server, whatever the parish is called."""

from pathlib import Path

from standin.parameters import read_parameters
from standin.parish import CONTACTS, make_account_statements, make_drupal_statements, make_parish_statements
from standin.private_server import PrivateServer, install_data_directory
from tests.standin.site import PASSWORD, make_environment

SCHEMA = Path(__file__).resolve().parents[2] / "standin" / "schema"


def test_a_parish_with_a_nasty_name_is_loaded_as_it_is(tmp_path: Path) -> None:
    parameters = read_parameters(make_environment(tmp_path))
    data = parameters.places.db_dir / "data"
    install_data_directory(parameters.places, data)
    owner = {"user": "exploitant", "password": PASSWORD + "DB_PASSWORD"}
    with PrivateServer(parameters.places, data) as server:
        server.run_sql(make_account_statements(parameters), user="root", password="")
        for database in ("civilog", "drupal", "civicrm"):
            server.run_sql((SCHEMA / f"{database}.sql").read_text(), database=database, **owner)
        server.run_sql(make_parish_statements(parameters), database="civicrm", **owner)
        server.run_sql(make_drupal_statements(parameters), database="drupal", **owner)

        def read(sql: str, database: str = "civicrm") -> str:
            return server.run_sql(sql, database=database, **owner).strip()

        name = bytes.fromhex(read("SELECT HEX(name) FROM civicrm_domain")).decode()
        assert name == parameters.parish["PAROISSE_NAME"]
        assert int(read("SELECT COUNT(*) FROM civicrm_contact")) == CONTACTS + 1
        # Triggers, view, function: each did its work.
        assert int(read("SELECT COUNT(*) FROM log_civicrm_contact", "civilog")) == CONTACTS + 1
        assert int(read("SELECT COUNT(*) FROM civicrm_view_members")) == CONTACTS + 1
        assert read("SELECT DISTINCT phone_numeric REGEXP '^[0-9]*$' FROM civicrm_phone") == "1"
        assert read("SELECT civicrm_strip_non_numeric('+33 (0)3 88')") == "330388"
        assert read("SELECT event_name FROM information_schema.events") == "civicrm_purge_cache"
        definers = "SELECT DISTINCT definer FROM information_schema.triggers"
        assert read(definers) == "exploitant@%"
        assert PASSWORD not in read("SELECT pass FROM users_field_data WHERE uid = 1", "drupal")
        # The password that root had none of is set, and the account owns its three databases only.
        assert server.run_sql("SELECT 1", user="root", password=PASSWORD + "DB_ROOT_PASSWORD") == "1\n"
        assert read("SHOW DATABASES").split() == ["civicrm", "civilog", "drupal", "information_schema"]
