"""Programs find the contract's variables; places are the engine's, whatever the caller says; no value is a secret."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import InvalidValue
from domain.specs import JobProgram, JobSpec
from engine.local.accounts import get_account
from engine.local.job_environment import CONTAINERS, ensure_job_image, make_job_command, make_job_environment
from engine.local.layout import Layout, ensure_directories, make_layout
from engine.redaction import list_secret_values
from tests.builders import make_plan, make_spec
from tests.local_engines import make_job

BACKUP_ID = "20261121T080000Z-5f3a9c"


def make_environment(layout: Layout, job: JobSpec) -> dict[str, str]:
    layout.job(job.name).mkdir(exist_ok=True)
    account = get_account("www-data")
    image = Path("/image")
    return make_job_environment(make_spec("saint-paul"), job, layout, port=23000, image=image, account=account)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = make_layout(tmp_path, "saint-paul")
    ensure_directories(layout, get_account("www-data"))
    return layout


def test_a_backup_finds_its_contract(layout: Layout) -> None:
    found = make_environment(layout, make_job("b", JobProgram.BACKUP, BACKUP_ID=BACKUP_ID, SCOPE="full"))
    expected = {
        "TENANT": "saint-paul",
        "INSTANCE": "saint-paul",
        "BACKUP_ID": BACKUP_ID,
        "SCOPE": "full",
        "DB_HOST": "127.0.0.1",
        "DB_PORT": "23000",
        "DB_USER": "exploitant",
        "DATABASES": "civicrm drupal civilog",
        "FILES_DIR": str(layout.path("files")),
        "PRIVATE_DIR": str(layout.path("private")),
        "BACKUPS_DIR": str(layout.path("backups")),
        "DB_PASSWORD_FILE": str(layout.secret("db_password")),
        "MANIFEST_KEY_FILE": str(layout.secret("manifest_key")),
        "DESIRED_STATE_FILE": str(layout.state),
        "RESULT_FILE": str(layout.job("b") / "result.json"),
        "WORK_DIR": str(layout.job("b") / "work"),
    }
    assert {name: found[name] for name in expected} == expected


def test_a_restore_alone_knows_the_server_s_root(layout: Layout) -> None:
    found = make_environment(layout, make_job("r", JobProgram.RESTORE, BACKUP_ID=BACKUP_ID))
    assert found["DB_ADMIN_PASSWORD_FILE"] == str(layout.secret("db_root_password"))
    assert found["DB_ADMIN_SOCKET"] == str(layout.socket)
    assert not any(name.startswith("DB_ADMIN") for name in make_environment(layout, make_job("b", JobProgram.BACKUP)))


def test_the_caller_cannot_move_a_place(layout: Layout) -> None:
    found = make_environment(layout, make_job("b", JobProgram.BACKUP, FILES_DIR="/etc", PYTHONPATH="/tmp", TENANT="x"))
    assert found["FILES_DIR"] == str(layout.path("files"))
    assert (found["PYTHONPATH"], found["TENANT"]) == ("/image", "saint-paul")


def test_another_instance_s_set_is_read_with_its_own_key(layout: Layout) -> None:
    source = make_layout(layout.root, "saint-jean")
    job = make_job("r", JobProgram.RESTORE, set_of="saint-jean", BACKUP_ID=BACKUP_ID)
    found = make_environment(layout, job)
    assert found["SET_DIR"] == str(source.path("backups") / BACKUP_ID)
    assert found["MANIFEST_KEY_FILE"] == str(layout.secret("manifest_key"))
    ensure_directories(source, get_account("www-data"))
    source.secret("manifest_key").write_text("key")
    lent = Path(make_environment(layout, job)["MANIFEST_KEY_FILE"])
    assert lent.parent == layout.job("r") / "secrets", "a copy for this run, which may not read the other's files"
    assert lent.read_text() == "key" and lent.stat().st_mode & 0o077 == 0


def test_a_set_outside_the_volume_is_refused(layout: Layout) -> None:
    for set_of, backup_id in (("saint-jean", "../x"), ("../saint-jean", BACKUP_ID)):
        with pytest.raises(InvalidValue):
            make_environment(layout, make_job("r", JobProgram.RESTORE, set_of=set_of, BACKUP_ID=backup_id))


@pytest.mark.parametrize("program", list(CONTAINERS))
def test_no_secret_is_in_an_environment_or_a_command(layout: Layout, program: JobProgram) -> None:
    spec = make_spec("saint-paul")
    job = make_job("j", program)
    shown = json.dumps([make_environment(layout, job), make_job_command(spec, job, image=Path("/image"))])
    shown += (layout.job("j") / "spec.json").read_text()
    assert not [value for value in list_secret_values(spec) if json.dumps(value)[1:-1] in shown]


@pytest.mark.parametrize("program", list(CONTAINERS))
def test_every_program_has_its_code_and_its_container(tmp_path: Path, program: JobProgram) -> None:
    image = ensure_job_image(tmp_path, program)
    command = make_job_command(make_spec(), make_job("j", program), image=image)
    module = command[-1]
    path = Path(module) if module.startswith("/") else image / (module.replace(".", "/") + ".py")
    assert path.is_file()
    assert CONTAINERS[program] in make_plan().containers


def test_what_a_run_alone_may_read_is_in_private_files(layout: Layout) -> None:
    job = replace(make_job("c", JobProgram.COPY, BACKUP_ID=BACKUP_ID), secrets={"DESTINATION": "a secret"})
    found = make_environment(layout, job)
    path = Path(found["DESTINATION_FILE"])
    assert path.read_text() == "a secret" and path.stat().st_mode & 0o077 == 0
    assert "a secret" not in "".join(found.values()) and "a secret" not in repr(job)
    assert "a secret" not in (layout.job("c") / "spec.json").read_text()
    assert Path(found["RCLONE"]).name.startswith("rclone")
