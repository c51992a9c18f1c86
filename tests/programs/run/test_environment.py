"""programs.run.environment: a wrong value stops the start, with its name and what is accepted, never its content."""

from pathlib import Path

import pytest

from programs.run.environment import (
    read_backup_environment,
    read_restore_environment,
    read_verify_environment,
)
from programs.run.failures import ProgramError


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "password").write_text("s3cret\n")
    (tmp_path / "key").write_bytes(b"k" * 32)
    return {
        "TENANT": "saint-paul",
        "INSTANCE": "saint-paul-sandbox",
        "BACKUP_ID": "20261121T080000Z-5f3a9c",
        "BACKUPS_DIR": str(tmp_path),
        "SET_DIR": str(tmp_path),
        "WORK_DIR": str(tmp_path),
        "FILES_DIR": str(tmp_path),
        "PRIVATE_DIR": str(tmp_path),
        "DATABASES": "civicrm drupal civilog",
        "DB_PASSWORD_FILE": str(tmp_path / "password"),
        "MANIFEST_KEY_FILE": str(tmp_path / "key"),
        "EXPECTED_TENANT": "saint-paul",
    }


def test_defaults_are_those_of_a_pod(env: dict[str, str], tmp_path: Path) -> None:
    asked = read_backup_environment(env)
    assert (asked.scope, asked.mode, asked.codec) == ("full", "hot", "gzip")
    assert asked.server is not None and asked.server.password == "s3cret"
    assert (asked.server.host, asked.server.port, asked.server.user) == ("127.0.0.1", 3306, "exploitant")
    assert asked.server.socket is None
    assert asked.server.databases == ("civicrm", "drupal", "civilog")
    assert asked.manifest_key == b"k" * 32 and asked.trees.settings_dir == tmp_path
    assert "s3cret" not in repr(asked) and "kkkk" not in repr(asked)


def test_a_socket_goes_before_host_and_port(env: dict[str, str]) -> None:
    asked = read_backup_environment({**env, "DB_SOCKET": "/var/run/mysqld/mysqld.sock"})
    assert asked.server is not None and asked.server.socket == "/var/run/mysqld/mysqld.sock"


def test_the_administrator_comes_by_the_server_s_own_socket(env: dict[str, str], tmp_path: Path) -> None:
    assert read_restore_environment(env).administrator is None
    (tmp_path / "root").write_text("t0p\n")
    given = {**env, "DB_ADMIN_PASSWORD_FILE": str(tmp_path / "root"), "DB_SOCKET": "/router.sock"}
    found = read_restore_environment({**given, "DB_ADMIN_SOCKET": "/server.sock"}).administrator
    assert found is not None and (found.user, found.password, found.socket) == ("root", "t0p", "/server.sock")
    assert "t0p" not in repr(found)
    found = read_restore_environment({**given, "DB_ADMIN_USER": "admin"}).administrator
    assert found is not None and (found.user, found.socket) == ("admin", "/router.sock")
    with pytest.raises(ProgramError):
        read_restore_environment({**given, "DB_ADMIN_SOCKET": "server.sock"})
    assert read_restore_environment({**given, "SCOPE": "files"}).administrator is None


def test_files_alone_need_no_server(env: dict[str, str]) -> None:
    del env["DB_PASSWORD_FILE"]
    assert read_backup_environment({**env, "SCOPE": "files"}).server is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT", ""),
        ("TENANT", "Saint-Paul"),
        ("TENANT", "-x"),
        ("TENANT", "a" * 64),
        ("INSTANCE", "../x"),
        ("BACKUP_ID", "20261121T080000Z-5f3a9c/.."),
        ("BACKUP_ID", "20261121T080000Z-5f3a9c\n"),
        ("BACKUPS_DIR", "/no/such/directory"),
        ("WORK_DIR", "relative"),
        ("FILES_DIR", "/dev/null"),
        ("DB_PORT", "0"),
        ("DB_PORT", "65536"),
        ("DB_PORT", "٣"),
        ("DB_HOST", "-host"),
        ("DB_HOST", "a b"),
        ("DB_SOCKET", "relative.sock"),
        ("DB_SOCKET", "/" + "a" * 107),
        ("DB_USER", "a\nb"),
        ("DATABASES", "civicrm civicrm"),
        ("DATABASES", "civi`crm"),
        ("SCOPE", "everything"),
        ("MODE", "warm"),
        ("CODEC", "xz"),
        ("DESIRED_STATE_FILE", "/no/such/file"),
        ("DB_PASSWORD_FILE", "/no/such/file"),
        ("DB_PASSWORD_FILE", ""),
        ("MANIFEST_KEY_FILE", "/dev/null"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_accepted(env: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read_backup_environment({**env, name: value})
    error = caught.value
    assert (error.code, error.exit_code, error.params) == ("environment_invalid", 2, {"variable": name})
    assert name in error.message and error.hint.startswith("accepted: ")


@pytest.mark.parametrize("content", [b"", b"two\nlines\n", b"\xff\xfe", b"a\0b", b"x" * 5000])
def test_a_password_that_no_client_takes_is_refused(env: dict[str, str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(ProgramError) as caught:
        read_backup_environment(env)
    assert caught.value.params == {"variable": "DB_PASSWORD_FILE"}


def test_a_set_may_be_verified_without_a_key(env: dict[str, str]) -> None:
    assert read_verify_environment(env).manifest_key == b"k" * 32
    asked = read_verify_environment({"SET_DIR": env["SET_DIR"]})
    assert asked.manifest_key is None and asked.expected_tenant is None


def test_a_restore_reads_its_own_variables(env: dict[str, str]) -> None:
    asked = read_restore_environment(env | {"DATABASE": "drupal"})
    assert (asked.database, asked.clone, asked.site_host) == ("drupal", False, None)
    clone = read_restore_environment(env | {"CLONE": "1", "SITE_HOST": "www.example.org"})
    assert (clone.clone, clone.site_host) == (True, "www.example.org")
    for wrong in ({"DATABASE": "mysql"}, {"CLONE": "1"}, {"CLONE": "yes"}, {"EXPECTED_TENANT": ""}):
        with pytest.raises(ProgramError):
            read_restore_environment(env | wrong)
