"""Settings of the database server and the broker: what is given together fits, and no secret is repeated."""

from pathlib import Path

import pytest

from civiparoisse import connections
from civiparoisse.connections import find_authorities, make_mysql, make_redis
from civiparoisse.env import WITHOUT_KEYS, SettingInvalid

SECRET = "p@ss:/word"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation's keys, with a password of the database."""
    monkeypatch.setattr(connections, "KEYS", tmp_path)
    (tmp_path / "mysql_password").write_text("x")
    return tmp_path


def list_tls(keys: Path) -> dict[str, object]:
    assert keys.is_dir()
    return {name: value for name, value in make_mysql()["OPTIONS"].items() if name.startswith("ssl")}


def test_without_a_word_tls_is_used_where_the_server_has_it(keys: Path) -> None:
    assert list_tls(keys) == {}


def test_an_authority_among_the_keys_is_enough_to_have_the_server_verified(keys: Path) -> None:
    (keys / "mysql_ca").write_text("x")
    verified = {"ssl_verify_cert": True, "ssl_verify_identity": True}
    assert list_tls(keys) == {"ssl_ca": str(keys / "mysql_ca"), **verified}
    (keys / "mysql_certificate").write_text("x")
    (keys / "mysql_key").write_text("x")
    own = {"ssl_cert": str(keys / "mysql_certificate"), "ssl_key": str(keys / "mysql_key")}
    assert list_tls(keys) == {"ssl_ca": str(keys / "mysql_ca"), **verified, **own}


def test_verification_without_a_file_uses_the_machines_authorities(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVIPAROISSE_MYSQL_TLS", "verify_identity")
    assert list_tls(keys)["ssl_ca"] == find_authorities()
    assert Path(find_authorities()).is_file()


def test_tls_can_be_left_out(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVIPAROISSE_MYSQL_TLS", "disabled")
    assert list_tls(keys) == {"ssl_disabled": True}


@pytest.mark.parametrize("mode", ["disabled", "preferred", "verify", "required", ""])
def test_a_mode_that_would_not_verify_stops_the_start(keys: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    (keys / "mysql_ca").write_text("x")
    monkeypatch.setenv("CIVIPAROISSE_MYSQL_TLS", mode)
    with pytest.raises(SettingInvalid, match="verify_identity"):
        make_mysql()


@pytest.mark.parametrize("server", ["MYSQL", "REDIS"])
def test_half_of_a_certificate_and_a_file_that_is_not_there_stop_the_start(
    keys: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    make = {"MYSQL": make_mysql, "REDIS": make_redis}[server]
    monkeypatch.setenv("CIVIPAROISSE_REDIS_URL", "rediss://broker:6379/0")
    (keys / "mysql_key").write_text("x")
    (keys / "redis_key").write_text("x")
    with pytest.raises(SettingInvalid, match=f"CIVIPAROISSE_{server}_CERTIFICATE_FILE"):
        make()
    monkeypatch.setenv(f"CIVIPAROISSE_{server}_CERTIFICATE_FILE", str(keys / "missing"))
    with pytest.raises(SettingInvalid, match="no such file"):
        make()
    # A command that brings the keys back begins on a machine that has none.
    (keys / "mysql_key").unlink()
    (keys / "redis_key").unlink()
    monkeypatch.setenv(WITHOUT_KEYS, "1")
    assert make()


def test_an_address_without_tls_is_taken_as_it_is(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (keys / "redis_url").write_text("redis://:word@127.0.0.1:6379/1\n")
    assert make_redis() == ("redis://:word@127.0.0.1:6379/1", None)
    monkeypatch.setenv("CIVIPAROISSE_REDIS_CA_FILE", str(keys / "redis_url"))
    with pytest.raises(SettingInvalid, match="rediss://"):
        make_redis()


def test_tls_is_verified_and_the_account_may_lie_beside_the_address(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVIPAROISSE_REDIS_URL", "rediss://broker.example.org:6380/0")
    verified = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    assert make_redis() == ("rediss://broker.example.org:6380/0", verified)
    (keys / "redis_password").write_text(f"{SECRET}\n")
    (keys / "redis_ca").write_text("x")
    monkeypatch.setenv("CIVIPAROISSE_REDIS_USER", "manager")
    address, options = make_redis()
    assert address == "rediss://manager:p%40ss%3A%2Fword@broker.example.org:6380/0"
    assert options == {**verified, "ssl_ca_certs": str(keys / "redis_ca")}
    monkeypatch.setenv("CIVIPAROISSE_REDIS_URL", "rediss://other:word@broker.example.org")
    with pytest.raises(SettingInvalid, match="give one"):
        make_redis()


@pytest.mark.parametrize(
    "url", ["", "localhost", "http://host", "redis://", "redis://h:0", "redis://h:x", "redis://h/a", "redis://h?ssl=no"]
)
def test_an_address_that_is_none_stops_the_start_and_is_not_repeated(
    keys: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert keys.is_dir()
    monkeypatch.setenv("CIVIPAROISSE_REDIS_URL", url.replace("://", f"://user:{SECRET[:4]}@") if "h" in url else url)
    with pytest.raises(SettingInvalid) as error:
        make_redis()
    assert "CIVIPAROISSE_REDIS_URL" in str(error.value) and SECRET[:4] not in str(error.value)
