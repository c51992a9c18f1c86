"""What the manager asks for to do a request, and what that takes."""

import pytest

from domain.parish_requests import FETCHED, Wish
from parish_requests.models import RestoreRequest
from parish_requests.plans import BY_HAND, Stage, list_permissions, list_stages
from tests.parish_requests.cast import make_draft, make_parish

pytestmark = pytest.mark.django_db


def test_every_wish_is_done_by_operations_fetched_or_done_by_people() -> None:
    instance = make_parish()
    draft = make_draft(instance)
    for wish in Wish:
        request = RestoreRequest(wish=wish.value, instance=instance, tenant=instance.tenant, backup=draft.backup)
        assert bool(list_stages(request)) is (wish not in BY_HAND | FETCHED)


@pytest.mark.parametrize(
    ("scope", "part", "wanted"),
    [
        ("everything", "", {"scope": "full"}),
        ("data", "", {"scope": "database"}),
        ("files", "", {"scope": "files"}),
        ("part", "sites/default/a b.txt", {"scope": "files", "tree": "sites", "path": "default/a b.txt"}),
    ],
)
def test_a_restore_never_goes_without_its_safety_copy(scope: str, part: str, wanted: dict[str, str]) -> None:
    request = make_draft(make_parish(), scope=scope, part=part)
    assert request.backup is not None
    given = {"backup_id": request.backup.backup_id, "safety_backup": True, "confirm": "saint-paul", **wanted}
    assert list_stages(request) == [Stage(kind="restore", instance="saint-paul", parameters=given)]


def test_a_copy_is_made_beside_the_site() -> None:
    stages = list_stages(make_draft(make_parish(), wish="practice"))
    assert [(stage.kind, stage.instance) for stage in stages] == [
        ("provision", "saint-paul-sandbox"),
        ("restore", "saint-paul-sandbox"),
    ]
    assert (stages[1].parameters["source"], stages[1].parameters["confirm"]) == ("saint-paul", "saint-paul-sandbox")


def test_it_takes_what_its_operations_take() -> None:
    instance = make_parish()
    assert "backups.restore_backup" in list_permissions(make_draft(instance))
    assert "backups.restore_backup" not in list_permissions(make_draft(instance, wish="backup"))
    assert list_permissions(make_draft(instance, wish="help")) == []
