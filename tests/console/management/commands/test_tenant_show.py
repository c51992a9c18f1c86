"""tenant_show: a parish, never its passwords."""

import pytest

from domain.parameters import PARAMETERS, SECRET_FIELDS
from tenants.registry import create_instance, create_tenant
from tests.commands import run_command, run_json
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_everything_but_the_passwords_is_shown() -> None:
    create_instance(create_tenant(make_parish(), requested_by="test"))
    code, document = run_json("tenant_show", "saint-paul")
    assert code == 0
    assert {name: document[name] for name in PARAMETERS if name not in SECRET_FIELDS} == {
        name: value for name, value in make_parish().items() if name not in SECRET_FIELDS
    }
    assert document["smtp_password_set"] is True and "smtp_password" not in document
    assert document["instances"][0]["instance"] == "saint-paul"
    _code, stdout, _stderr = run_command("tenant_show", "saint-paul")
    assert "www.saint-paul.uepal.net" in stdout and "secret" not in stdout


def test_an_unknown_parish_is_not_found() -> None:
    code, document = run_json("tenant_show", "saint-paul")
    assert (code, document["error"]["code"]) == (1, "not_found")
