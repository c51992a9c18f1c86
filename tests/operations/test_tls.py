"""The manager with its database and broker behind TLS and accounts: it works, and goes to no other server."""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.mysql.base import DatabaseWrapper

from civiparoisse.connections import make_mysql
from domain.errors import CiviparoisseError
from recovery.database import copy_database
from tests.certificates import Authority
from tests.fleet import Fleet
from tests.operations.test_redis import RedisServer
from tests.servers import MariaDbServer

USER, PASSWORD = "manager", secrets.token_hex(8) + "@/:%"
END_SECONDS = 600


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs both servers, and the manager."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def database(authority: Authority) -> Iterator[MariaDbServer]:
    """A real MariaDB with a certificate."""
    certificate, key = authority.sign("database")
    files = {"ca": authority.path, "cert": certificate, "key": key}
    server = MariaDbServer(options=[f"--ssl-{name}={path}" for name, path in files.items()])
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis(authority: Authority, tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis that speaks TLS alone, asks for a certificate, and knows one account; the default one is off."""
    certificate, key = authority.sign("broker")
    own, own_key = authority.sign("watcher")
    (tmp_path / "users.acl").write_text(f"user default off\nuser {USER} on >{PASSWORD} ~* &* +@all\n")
    options = ["--port", "0", "--tls-port", "{port}", "--tls-auth-clients", "yes"]
    options += ["--tls-ca-cert-file", str(authority.path), "--tls-cert-file", str(certificate)]
    options += ["--tls-key-file", str(key), "--aclfile", str(tmp_path / "users.acl")]
    account = {"username": USER, "password": PASSWORD, "host": "127.0.0.1"}
    files = {"ssl_ca_certs": str(authority.path), "ssl_certfile": str(own), "ssl_keyfile": str(own_key)}
    server = RedisServer(tmp_path, options=options, ssl=True, **account, **files)
    server.start()
    try:
        yield server
    finally:
        server.client.close()
        server.kill()


def give_files(server: str, authority: Authority) -> dict[str, str]:
    """Return the settings that name an authority and a certificate of the manager."""
    certificate, key = authority.sign(f"manager-{server.lower()}")
    files = {"CA": authority.path, "CERTIFICATE": certificate, "KEY": key}
    return {f"CIVIPAROISSE_{server}_{name}_FILE": str(path) for name, path in files.items()}


def test_everything_works_by_certificates_and_accounts_and_no_password_is_written(
    database: MariaDbServer, redis: RedisServer, authority: Authority, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    fleet = Fleet(
        server=database,
        CIVIPAROISSE_BROKER="redis",
        CIVIPAROISSE_REDIS_URL=f"rediss://127.0.0.1:{redis.port}/0",
        CIVIPAROISSE_REDIS_USER=USER,
        CIVIPAROISSE_REDIS_PASSWORD_FILE=str(password),
        **give_files("REDIS", authority),
        **give_files("MYSQL", authority),
    )
    try:
        database.execute("ALTER USER manager@'%' REQUIRE X509")
        fleet.start_beat()
        fleet.start_worker()
        fleet.call("ask", scenarios=[{"slug": "st-paul", "kind": "provision", "state": "new", "parameters": {}}])
        fleet.kill(fleet.start_worker())
        assert fleet.call("wait_for_all", seconds=END_SECONDS)["st-paul"]["state"] == "succeeded"
        encrypted = database.execute("SHOW GLOBAL STATUS LIKE 'Ssl_accepts'")
        assert int(encrypted[0][1]) > 0
        log = fleet.read_log()
        assert PASSWORD not in log and PASSWORD[:16] not in log, "no password in a log"
    finally:
        fleet.stop()


def make_setting(server: MariaDbServer, monkeypatch: pytest.MonkeyPatch, **files: object) -> dict[str, Any]:
    """Return Django's setting of a server, of an account with one database and one row."""
    server.reset(password=PASSWORD)
    server.execute("CREATE TABLE notes (id INT PRIMARY KEY)", "INSERT INTO notes VALUES (7)", database="civicrm")
    values = {"NAME": "civicrm", "USER": "exploitant", "PASSWORD": PASSWORD, "PORT": server.port, **files}
    for name, value in values.items():
        monkeypatch.setenv(f"CIVIPAROISSE_MYSQL_{name}", str(value))
    return make_mysql()


def try_ways(setting: dict[str, Any], directory: Path) -> list[str]:
    """Return what the manager's own connection and its archive say where they are refused."""
    said, directory = [], Path(tempfile.mkdtemp(dir=directory))
    defaults = {"TIME_ZONE": None, "CONN_MAX_AGE": 0, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {}}
    connection = DatabaseWrapper({**defaults, **setting})
    try:
        connection.get_new_connection(connection.get_connection_params()).close()
    except Exception as error:  # noqa: BLE001 - whatever its driver calls it
        said.append(str(error))
    try:
        assert copy_database(setting, directory).tables["notes"][0] == 1
    except CiviparoisseError as error:
        said.append(str(error.params["detail"]))
    assert PASSWORD not in str(said)
    return said


def test_an_account_that_needs_a_certificate_is_used_with_it_and_not_without(
    database: MariaDbServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(database, monkeypatch, CA_FILE=authority.path)
    database.execute("ALTER USER exploitant@'%' REQUIRE X509")
    assert len(try_ways(setting, tmp_path)) == 2
    for name, value in give_files("MYSQL", authority).items():
        monkeypatch.setenv(name, value)
    assert try_ways(make_mysql(), tmp_path) == []


@pytest.mark.parametrize("wrong", ["no TLS", "another authority", "another name"])
def test_a_database_that_is_not_the_one_is_refused_at_every_door(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    signer = Authority(tmp_path / "other", "other") if wrong == "another authority" else authority
    certificate, key = signer.sign("elsewhere", address="127.0.0.9" if wrong == "another name" else "127.0.0.1")
    options = ["--skip-ssl"]
    if wrong != "no TLS":
        options = [f"--ssl-ca={signer.path}", f"--ssl-cert={certificate}", f"--ssl-key={key}"]
    server = MariaDbServer(options=options)
    server.start()
    try:
        setting = make_setting(server, monkeypatch, CA_FILE=authority.path)
        said = try_ways(setting, tmp_path)
        assert len(said) == 2 and all("SSL" in one or "certificate" in one for one in said), said
        monkeypatch.delenv("CIVIPAROISSE_MYSQL_CA_FILE")
        assert try_ways(make_mysql(), tmp_path) == [], "it is that alone"
    finally:
        server.stop()
