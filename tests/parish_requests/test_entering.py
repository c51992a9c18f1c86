"""What a parish asked by another way is entered whole, or nothing of it is left that waits for anybody."""

from typing import Any

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.parish_requests import RequestState
from offsite.downloads import make_one_time_key
from parish_requests.actors import make_staff_actor
from parish_requests.entering import describe_entry, enter_request, send_entered
from parish_requests.models import ContactMail, ParishContact, RequestEvent, RestoreRequest
from tenants.models import Instance
from tests.parish_requests.cast import make_draft, make_parish

pytestmark = pytest.mark.django_db
ASKED = {"instance": "saint-paul", "channel": "par téléphone, par Mme Weiss"}
MAIL = "jeanne@saint-paul.example.org"


@pytest.fixture
def paul() -> Instance:
    """The site of a parish with a good set and Jeanne."""
    return make_parish()


def enter(**asked: Any) -> RestoreRequest:
    return enter_request(actor=make_staff_actor("marc"), now=timezone.now(), **(ASKED | asked))


def test_it_is_entered_and_sent_under_the_name_of_who_did(paul: Instance) -> None:
    backup = paul.backups.get().backup_id
    request = enter(wish="restore", backup=backup, why="Import", contact=MAIL.upper(), scope="data", cause="import")
    assert (request.state, request.entered_by, request.channel) == ("submitted", "marc", ASKED["channel"])
    assert request.asked_by == ParishContact.objects.get() and request.backup == paul.backups.get()
    assert (request.scope, request.cause, request.why) == ("data", "import", "Import")


def test_what_is_refused_leaves_nothing_that_waits(paul: Instance) -> None:
    first = enter(wish="backup")
    with pytest.raises(CiviparoisseError) as refused:
        enter(wish="backup")
    assert refused.value.code == "request_open_already"
    states = RestoreRequest.objects.exclude(pk=first.pk).values_list("state", flat=True)
    assert list(states) == [RequestState.WITHDRAWN] and paul.requests.count() == 2
    with pytest.raises(CiviparoisseError):
        send_entered(make_draft(paul, wish="backup"), actor=make_staff_actor("marc"), now=timezone.now())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"wish": "restore", "why": "x"}, "invalid_value"),
        ({"wish": "restore", "why": "x", "backup": "20200101T000000Z-000000"}, "not_found"),
        ({"wish": "help", "why": "x", "instance": "nowhere"}, "not_found"),
        ({"wish": "help", "why": "x", "contact": "nobody@example.org"}, "contact_unknown"),
        ({"wish": "help", "why": "x", "channel": " "}, "invalid_value"),
        ({"wish": "help", "why": "x", "recipient": make_one_time_key()[1]}, "invalid_value"),
        ({"wish": "download"}, "invalid_value"),
        ({"wish": "download", "contact": MAIL, "recipient": "age1"}, "invalid_value"),
    ],
)
@pytest.mark.parametrize("do", [enter_request, describe_entry])
def test_what_is_wrong_is_refused_and_writes_nothing(paul: Instance, asked: Any, code: str, do: Any) -> None:
    with pytest.raises((CiviparoisseError, InvalidValue, NotFound)) as refused:
        do(actor=make_staff_actor("marc"), now=timezone.now(), **(ASKED | asked))
    assert refused.value.code == code and not paul.requests.exists()


def test_a_dry_run_tells_all_and_writes_nothing(paul: Instance) -> None:
    backup = paul.backups.get().backup_id
    asked = ASKED | {"wish": "restore", "backup": backup, "why": "Import"}
    told = describe_entry(actor=make_staff_actor("marc"), now=timezone.now(), **asked)
    assert told.preview["moment"] and told.approvals_needed == 2, "what is there now is not known"
    left = [model.objects.count() for model in (RestoreRequest, RequestEvent, ContactMail)]
    assert left == [0, 0, 0]
    enter(wish="restore", backup=backup, why="Import")
    with pytest.raises(CiviparoisseError) as refused:
        describe_entry(actor=make_staff_actor("marc"), now=timezone.now(), **asked)
    assert refused.value.code == "request_open_already"


def test_data_is_given_to_a_contact_with_the_own_key(paul: Instance) -> None:
    own = make_one_time_key()[1]
    request = enter(wish="download", contact=MAIL, recipient=own)
    assert request.recipient == own and request.backup == paul.backups.get()
