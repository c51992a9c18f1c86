"""The private server answers on its socket only, ends with its context, and never repeats a password."""

from pathlib import Path

import pytest

from standin.parameters import read_parameters
from standin.private_server import InitialisationFailed, PrivateServer, install_data_directory
from tests.standin.site import make_environment


def test_statements_run_and_their_errors_hold_no_secret(tmp_path: Path) -> None:
    places = read_parameters(make_environment(tmp_path)).places
    data = places.db_dir / "data"
    install_data_directory(places, data)
    with PrivateServer(places, data) as server:
        assert server.run_sql("SELECT 6 * 7", user="root", password="") == "42\n"
        accounts = server.run_sql("SELECT CONCAT(user, '@', host) FROM mysql.user", user="root", password="")
        assert not [line for line in accounts.splitlines() if line.startswith("@")]
        assert server.run_sql("SHOW DATABASES LIKE 'test'", user="root", password="") == ""
        assert server.run_sql("SELECT @@skip_networking", user="root", password="") == "1\n"
        with pytest.raises(InitialisationFailed) as raised:
            server.run_sql("CREATE USER a IDENTIFIED BY 'a-secret' NONSENSE", user="root", password="")
        assert raised.value.code == "statement_failed"
        assert str(raised.value) == "ERROR 1064 (42000) at line 1"
        process = server.process
    assert process.returncode == 0
    assert not (places.work_dir / "client.cnf").exists()


def test_a_server_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    places = read_parameters(make_environment(tmp_path)).places
    server = PrivateServer(places, places.db_dir / "nothing")
    with pytest.raises(InitialisationFailed) as raised, server:
        pass
    assert raised.value.code == "database_server_failed"
    assert server.process.poll() is not None
