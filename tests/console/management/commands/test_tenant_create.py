"""tenant_create: from a file, flags, or both."""

import json
from pathlib import Path

import pytest
import yaml

from domain.parameters import PARAMETERS, SECRET_FIELDS
from tenants.models import Instance, Tenant
from tests.commands import run_command, run_json
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


@pytest.fixture
def parish_file(tmp_path: Path) -> str:
    """Saint-Paul in YAML, passwords included."""
    path = tmp_path / "parish.yaml"
    path.write_text(yaml.safe_dump(make_parish(), allow_unicode=True))
    return str(path)


def make_flags() -> list[str]:
    """Return every parameter but the passwords as flags."""
    flags = []
    for name, value in make_parish(smtp_user="", smtp_password="", imap_host="", imap_user="").items():
        if name not in SECRET_FIELDS:
            flags += [f"--{name.replace('_', '-')}", str(value)]
    return flags


def test_a_file_records_the_parish_and_its_production_instance(parish_file: str) -> None:
    code, document = run_json("tenant_create", "--file", parish_file)
    assert code == 0
    tenant = Tenant.objects.get()
    assert {name: getattr(tenant, name) for name in PARAMETERS} == make_parish()
    assert document["instance"]["instance"] == Instance.objects.get().identifier == "saint-paul"
    assert document["next"] == "instance_provision saint-paul --wait"


def test_no_password_is_in_the_answer(parish_file: str) -> None:
    for flags in ([], ["--json"]):
        Instance.objects.update(state="deleted", purged_at="2026-01-01T00:00:00Z")
        Tenant.objects.all().delete()
        code, stdout, stderr = run_command("tenant_create", "--file", parish_file, *flags)
        assert code == 0
        assert "secret" not in stdout + stderr


def test_a_json_file_does_as_well(tmp_path: Path) -> None:
    path = tmp_path / "parish.json"
    path.write_text(json.dumps(make_parish()))
    assert run_json("tenant_create", "--file", str(path))[0] == 0
    assert Tenant.objects.get().smtp_password == make_parish()["smtp_password"]


def test_flags_alone_record_a_parish() -> None:
    code, document = run_json("tenant_create", *make_flags())
    assert code == 0, document
    assert Tenant.objects.get().street == make_parish()["street"]


def test_a_flag_wins_over_the_file(parish_file: str) -> None:
    assert run_json("tenant_create", "--file", parish_file, "--city", "Colmar")[0] == 0
    assert Tenant.objects.get().city == "Colmar"


def test_a_password_comes_from_a_file_of_its_own(parish_file: str, tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("other secret\n")
    assert run_json("tenant_create", "--file", parish_file, "--imap-password-file", str(path))[0] == 0
    assert Tenant.objects.get().imap_password == "other secret"


@pytest.mark.parametrize("flag", ["--smtp-password", "--imap-password", "--smtp-pass"])
def test_a_password_as_a_flag_is_refused(parish_file: str, flag: str) -> None:
    code, _stdout, _stderr = run_command("tenant_create", "--file", parish_file, flag, "hunter2")
    assert code != 0
    assert not Tenant.objects.exists()


def test_all_faults_are_told_at_once_and_nothing_is_written(parish_file: str) -> None:
    flags = ("--file", parish_file, "--postcode", "1", "--city", 'a"b')
    code, document = run_json("tenant_create", *flags)
    assert (code, document["error"]["code"]) == (1, "invalid_tenant")
    assert [fault["field"] for fault in document["error"]["params"]["fields"]] == ["postcode", "city"]
    code, stdout, stderr = run_command("tenant_create", *flags)
    assert (code, stdout) == (1, "")
    assert "postcode" in stderr and "city" in stderr
    assert not Tenant.objects.exists()


def test_what_is_recorded_otherwise_is_told(parish_file: str) -> None:
    code, stdout, _stderr = run_command("tenant_create", "--file", parish_file, "--name", "Paroisse de l'Ascension")
    assert code == 0
    assert "Paroisse de l’Ascension" in stdout and "instance_provision saint-paul --wait" in stdout


def test_a_dry_run_writes_nothing(parish_file: str) -> None:
    code, document = run_json("tenant_create", "--file", parish_file, "--dry-run")
    assert (code, document["dry_run"], document["tenant"]["slug"]) == (0, True, "saint-paul")
    assert not Tenant.objects.exists() and not Instance.objects.exists()
    assert run_command("tenant_create", "--file", parish_file, "--dry-run")[0] == 0


def test_a_parish_without_an_instance(parish_file: str) -> None:
    code, document = run_json("tenant_create", "--file", parish_file, "--no-instance")
    assert (code, document["instance"], document["next"]) == (0, None, "instance_create saint-paul")
    assert not Instance.objects.exists()


@pytest.mark.parametrize("flag", ["--plan", "--release", "--engine"])
def test_an_unknown_plan_release_or_engine_leaves_no_parish(parish_file: str, flag: str) -> None:
    code, document = run_json("tenant_create", "--file", parish_file, flag, "none")
    assert (code, document["error"]["code"]) == (1, "not_found")
    assert not Tenant.objects.exists()


def test_the_same_parish_twice_is_refused(parish_file: str) -> None:
    run_json("tenant_create", "--file", parish_file)
    code, document = run_json("tenant_create", "--file", parish_file)
    assert (code, document["error"]["code"]) == (1, "slug_taken")


def test_a_file_that_is_not_there_is_named() -> None:
    code, document = run_json("tenant_create", "--file", "/nowhere/parish.yaml")
    assert (code, document["error"]["code"]) == (1, "file_unreadable")
    assert "/nowhere/parish.yaml" in document["error"]["message"]
