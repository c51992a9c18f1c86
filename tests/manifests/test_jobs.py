"""A run is one Job with a name of its own, ended by a deadline, never repeated by itself."""

from typing import Any

import pytest

from domain.cluster import ClusterSettings
from domain.errors import InvalidValue, NotFound
from domain.specs import JobProgram, JobSpec, Release
from manifests.blueprints import load_blueprint
from manifests.data_sets import format_data_sets
from manifests.jobs import FOREIGN_SETS, compute_job_name, make_job_object
from manifests.workloads import SCHEDULE_KIND
from programs.sets.set_transfer import FOREIGN
from tests.manifests.cases import (
    BACKUP_ID,
    DEFAULT,
    TLS,
    make_case_objects,
    make_case_spec,
    make_job,
    select_object,
)


def _make(job: JobSpec, **changes: Any) -> dict[str, Any]:
    return make_job_object(make_case_spec(**changes), job, ClusterSettings(), tls=TLS)


def _read_environment(object_: dict[str, Any]) -> dict[str, str]:
    (container,) = object_["spec"]["template"]["spec"]["containers"]
    variables = container.get("env", [])
    names = [one["name"] for one in variables]
    assert len(set(names)) == len(names)
    return {one["name"]: one["value"] for one in variables}


@pytest.mark.parametrize("program", list(JobProgram))
def test_every_program_runs_once_until_its_deadline(program: JobProgram) -> None:
    spec = _make(make_job(program, deadline_seconds=77))["spec"]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (77, 0)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert spec["ttlSecondsAfterFinished"] >= 86400 and spec["podReplacementPolicy"] == "Failed"


@pytest.mark.parametrize("program", sorted(set(JobProgram) - {JobProgram.CRON}))
def test_the_result_comes_back_in_a_file_and_never_from_the_log(program: JobProgram) -> None:
    (container,) = _make(make_job(program))["spec"]["template"]["spec"]["containers"]
    assert container["terminationMessagePolicy"] == "File"
    assert container["terminationMessagePath"] == "/dev/termination-log"
    if program not in {JobProgram.INIT, JobProgram.UPDATE, JobProgram.TOOLS}:
        assert _read_environment(_make(make_job(program)))["RESULT_FILE"] == "/dev/termination-log"


def test_names_are_unique_per_run_and_find_their_job() -> None:
    first, second = f"backup-{BACKUP_ID}-0a1b2c3d", f"backup-{BACKUP_ID.lower()}-0a1b2c3d"
    assert compute_job_name(first) != compute_job_name(second)
    metadata = _make(make_job(JobProgram.BACKUP, name=first))["metadata"]
    assert metadata["name"] == metadata["labels"]["civiparoisse.uepal.fr/job"] == compute_job_name(first)
    assert metadata["annotations"] == {"civiparoisse.uepal.fr/job-name": first}
    assert len(compute_job_name("x" * 200)) == 63


def test_a_backup_asked_for_is_the_schedule_s_own() -> None:
    schedule = select_object(make_case_objects(DEFAULT), SCHEDULE_KIND, "civibackup")
    template = schedule["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    asked = _make(make_job(JobProgram.BACKUP))["spec"]["template"]["spec"]
    own = template["containers"][0].pop("env")
    added = asked["containers"][0].pop("env")
    assert asked == template
    assert [one for one in added if one not in own] == [
        {"name": "EXPECTED_TENANT", "value": "saint-paul"},
        {"name": "BACKUP_ID", "value": BACKUP_ID},
    ]


def test_the_programs_find_their_contract() -> None:
    found = _read_environment(_make(make_job(JobProgram.RESTORE)))
    expected = {
        "TENANT": "saint-paul",
        "INSTANCE": "saint-paul",
        "EXPECTED_TENANT": "saint-paul",
        "BACKUP_ID": BACKUP_ID,
        "SET_DIR": f"/backups/{BACKUP_ID}",
        "BACKUPS_DIR": "/backups",
        "DB_HOST": "localhost",
        "DB_SOCKET": "/var/run/mysqld/mysqld.sock",
        "DB_PORT": "3306",
        "DB_USER": "exploitant",
        "DB_PASSWORD_FILE": "/var/run/secrets/dbsecret",
        "DB_ADMIN_PASSWORD_FILE": "/var/run/secrets/dbrootsecret",
        "DATA_SETS": format_data_sets(load_blueprint("civiparoisse-1")),
        "MANIFEST_KEY_FILE": "/var/run/secrets/manifestKey",
        "WORK_DIR": "/work",
        "SITE_HOST": "www.saint-paul.example.org",
    }
    assert expected.items() <= found.items()


def test_the_caller_decides_what_the_template_leaves_open_and_nothing_else() -> None:
    environment = {"BACKUP_ID": BACKUP_ID, "DB_HOST": "evil.example.org", "EXPECTED_TENANT": "other", "SCOPE": "full"}
    found = _read_environment(_make(make_job(JobProgram.RESTORE, environment=environment)))
    assert (found["DB_HOST"], found["EXPECTED_TENANT"], found["SCOPE"]) == ("localhost", "other", "full")


def test_the_kubelet_expands_nothing_of_the_caller_s() -> None:
    job = make_job(JobProgram.DISCARD, environment={"BACKUP_ID": "$(HOME) $$ $x"})
    assert _read_environment(_make(job))["BACKUP_ID"] == "$$(HOME) $$$$ $$x"


@pytest.mark.parametrize("backup_id", ["../x", "", f"{BACKUP_ID}/..", f"{BACKUP_ID}\n"])
def test_a_set_outside_of_the_volume_is_refused(backup_id: str) -> None:
    with pytest.raises(InvalidValue):
        _make(make_job(JobProgram.RESTORE, environment={"BACKUP_ID": backup_id}))


def test_a_program_that_a_blueprint_does_not_have_is_not_found() -> None:
    with pytest.raises(NotFound):
        _make(make_job(JobProgram.BACKUP), release=Release(name="1", images={}, versions={}, blueprint="none-1"))


def test_only_what_must_not_be_cut_in_half_is_kept_from_a_drain() -> None:
    kept = {
        program
        for program in JobProgram
        if "civiparoisse.uepal.fr/uninterrupted" in _make(make_job(program))["spec"]["template"]["metadata"]["labels"]
    }
    assert kept == {JobProgram.INIT, JobProgram.UPDATE, JobProgram.RESTORE}


@pytest.mark.parametrize("program", [JobProgram.VERIFY, JobProgram.RESTORE])
def test_another_instance_s_set_lies_beside_and_is_verified_with_a_lent_key(program: JobProgram) -> None:
    object_ = _make(make_job(program, set_of="saint-paul-sandbox"))
    assert (
        _read_environment(object_)["SET_DIR"]
        == f"/backups/{FOREIGN}/{BACKUP_ID}"
        == f"/backups/.from-others/{BACKUP_ID}"
    )
    secrets = {one["secret"]["secretName"] for one in object_["spec"]["template"]["spec"]["volumes"] if "secret" in one}
    assert "lentsecret" in secrets and "backupsecret" not in secrets
    assert FOREIGN == FOREIGN_SETS
