"""A wrong environment is refused with the variable's name and never its value."""

from pathlib import Path

import pytest

from standin.parameters import PARISH, SECRETS, WrongEnvironment, read_parameters
from tests.standin.site import PASSWORD, make_environment


def test_everything_is_read(tmp_path: Path) -> None:
    parameters = read_parameters(make_environment(tmp_path))
    assert set(parameters.parish) == set(PARISH)
    assert parameters.secrets == {name: PASSWORD + name for name in SECRETS}
    assert parameters.db_port == 23000 and parameters.mail_enabled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_HOST", "www.x.org$'"),
        ("SITE_HOST", "www.x.org\n"),
        ("SITE_HOST", ""),
        ("DB_PORT", "23000'"),
        ("PAROISSE_NAME", "a\0b"),
        ("MAILADMIN_DESCR", "a\nb"),
        ("DB_PASSWORD_FILE", "/nonexistent"),
    ],
)
def test_what_could_reach_php_or_sql_is_refused(tmp_path: Path, name: str, value: str) -> None:
    environment = make_environment(tmp_path) | {name: value}
    with pytest.raises(WrongEnvironment) as raised:
        read_parameters(environment)
    assert name.removesuffix("_FILE") in str(raised.value)
    assert not value or value not in str(raised.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    for name in ("SITE_HOST", "PAROISSE_NAME", "HASH_SALT_FILE", "DB_SERVER"):
        with pytest.raises(WrongEnvironment, match=name):
            read_parameters({key: value for key, value in environment.items() if key != name})
