"""Every object of the default instance, compared whole; of every option, those that it changes. `make golden` writes
them again and shows what changed.

The default instance holds 1508Mi 1350m at rest, 1864Mi 1700m while its cron runs, 1864Mi 2450m while its backup runs
(tests/manifests/test_resources.py asserts it).
"""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.cases import (
    DEFAULT,
    GOLDEN,
    get_key,
    list_changed,
    make_case_objects,
    make_cases,
    make_job_objects,
)

UPDATE = os.environ.get("GOLDEN_UPDATE") == "1"


def _compare(path: Path, objects: list[dict[str, Any]], *, head: str = "") -> None:
    if UPDATE:
        text = yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True, width=110)
        path.write_text(f"# Written by `make golden`.{head}\n{text}")
    wanted = list(yaml.safe_load_all(path.read_text()))
    assert [get_key(one) for one in objects] == [get_key(one) for one in wanted]
    for made, golden in zip(objects, wanted, strict=True):
        assert made == golden, get_key(made)


def test_the_default_instance_is_its_golden_file() -> None:
    _compare(GOLDEN / f"{DEFAULT}.yaml", make_case_objects(DEFAULT))


@pytest.mark.parametrize("name", sorted(set(make_cases()) - {DEFAULT, "sandbox"}))
def test_an_option_changes_these_objects_and_no_others(name: str) -> None:
    default, objects = make_case_objects(DEFAULT), make_case_objects(name)
    there = {get_key(one) for one in objects}
    gone = [f"{kind}/{name}" for kind, name in map(get_key, default) if (kind, name) not in there]
    head = f" Gone: {', '.join(gone) or 'nothing'}."
    _compare(GOLDEN / f"{name}.yaml", list(list_changed(objects, default)), head=head)
    assert head in (GOLDEN / f"{name}.yaml").read_text().splitlines()[0]


def test_a_sandbox_is_its_golden_file() -> None:
    _compare(GOLDEN / "sandbox.yaml", make_case_objects("sandbox"))


def test_the_jobs_are_their_golden_file() -> None:
    _compare(GOLDEN / "jobs.yaml", make_job_objects())


def test_every_golden_file_belongs_to_a_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == {*make_cases(), "jobs"}
