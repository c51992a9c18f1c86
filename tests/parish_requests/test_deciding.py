"""Deciding: never the one who asked, always of what was seen, by as many as it takes."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from backups.models import Backup
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestState
from operations.permissions import PermissionMissing
from parish_requests import previews
from parish_requests.actors import MANAGER
from parish_requests.deciding import (
    ask_back,
    finish_by_hand,
    list_obstacles,
    look_again,
    refuse_request,
    retry_request,
)
from parish_requests.models import ParishContact, RestoreRequest
from tenants.models import Instance
from tests.parish_requests.cast import (
    DAY,
    HOUR,
    approve,
    list_lines,
    make_parish,
    make_person,
    make_sent,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance() -> Instance:
    """A parish's site with a good set, and Jeanne who may ask."""
    return make_parish()


def need(request: RestoreRequest, count: int) -> RestoreRequest:
    """Have the request take so many approvals, whatever its preview says."""
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=count)
    request.refresh_from_db()
    return request


def refuse(code: str, request: RestoreRequest, person: User, **values: Any) -> None:
    before = (request.state, request.approvals.count(), request.events.count())
    with pytest.raises(CiviparoisseError) as refused:
        approve(request, person, **values)
    assert refused.value.code == code
    request.refresh_from_db()
    assert (request.state, request.approvals.count(), request.events.count()) == before


def test_one_person_approves_what_crosses_no_limit(instance: Instance) -> None:
    request, now = need(make_sent(instance), 1), timezone.now()
    assert list_obstacles(request, marc := make_person()) == []
    approve(request, marc, now=now)
    assert (request.state, request.decided_at, request.expires_at) == ("approved", now, None)
    told = request.events.get(what="approve")
    assert told.actor == "marc" and told.data["approvals"] == 1 and len(told.data["preview_sha256"]) == 64


def test_beyond_a_limit_two_different_persons_do(instance: Instance) -> None:
    request = need(make_sent(instance), 2)
    marc, lucie = make_person("marc"), make_person("lucie")
    approve(request, marc)
    assert (request.state, list_lines(request)[-1]) == ("submitted", "approved_once")
    refuse("request_approved_already", request, marc)
    assert len(list_obstacles(request, marc)) == 1 and list_obstacles(request, lucie) == []
    approve(request, lucie)
    assert (request.state, request.approvals.count()) == ("approved", 2)
    refuse("request_state_forbids", request, make_person("anne"))


def test_approved_for_later(instance: Instance) -> None:
    now = timezone.now()
    request = need(make_sent(instance), 1)
    refuse("invalid_value", request, make_person("lucie"), now=now, not_before=now + 15 * DAY)
    approve(request, make_person(), now=now, not_before=now + 6 * HOUR)
    assert (request.state, request.not_before) == (RequestState.SCHEDULED, now + 6 * HOUR)
    past = need(make_sent(instance, scope="data"), 1)
    approve(past, User.objects.get(username="marc"), now=now, not_before=now - HOUR)
    assert (past.state, past.not_before) == (RequestState.APPROVED, None)


def test_approved_is_what_was_seen(instance: Instance) -> None:
    request, marc = need(make_sent(instance), 2), make_person()
    approve(request, marc)
    RestoreRequest.objects.update(preview={**request.preview, "lost": {"contacts": 3}})
    refuse("request_preview_changed", request, make_person("lucie"), seen_preview_sha256="f" * 64)
    approve(request, User.objects.get(username="lucie"))
    assert request.state == "submitted", "the first approval was of another preview"
    approve(request, marc)
    assert request.state == "approved"


def test_whoever_asked_or_entered_it_does_not_decide(instance: Instance) -> None:
    jeanne = ParishContact.objects.get()
    request = need(make_sent(instance), 1)
    refuse("request_own", request, make_person("jeanne", mail=f" {jeanne.mail.upper()} "))
    RestoreRequest.objects.update(entered_by="marc")
    request.refresh_from_db()
    marc = make_person()
    refuse("request_own", request, marc)
    assert len(list_obstacles(request, marc)) == 1
    RestoreRequest.objects.update(asked_mail="", asked_by=None)
    nobody = make_person("anne")
    User.objects.filter(pk=nobody.pk).update(email="")
    nobody.refresh_from_db()
    approve(request, nobody)
    assert request.state == "approved", "two without an address are not the same person"


@pytest.mark.parametrize("role", ["reader", "operator", "accountant"])
def test_deciding_takes_the_right_to(instance: Instance, role: str) -> None:
    request, person = make_sent(instance), make_person("anne", role)
    actor, now = make_staff(person), timezone.now()
    refuse("permission_missing", request, person)
    assert len(list_obstacles(request, person)) == 1
    for act in (ask_back, refuse_request, finish_by_hand):
        with pytest.raises(PermissionMissing):
            act(request, "non", person=person, actor=actor, now=now)
    with pytest.raises(PermissionMissing):
        retry_request(request, person=person, actor=actor, now=now)


def test_it_takes_what_the_operation_takes_too(instance: Instance) -> None:
    """Who may decide on requests and may restore nothing approves a backup, no restore."""
    person = make_person("anne", "operator")
    person.user_permissions.add(Permission.objects.get(codename="approve_restorerequest"))
    person = User.objects.get(pk=person.pk)
    refuse("permission_missing", need(make_sent(instance), 1), person)
    request = make_sent(instance, wish="backup")
    approve(request, person)
    assert request.state == "approved"
    User.objects.filter(pk=person.pk).update(is_active=False)
    refuse("permission_missing", make_sent(instance, wish="help"), User.objects.get(pk=person.pk))


def test_a_set_that_went_is_not_approved(instance: Instance) -> None:
    request, marc = make_sent(instance), make_person()
    Backup.objects.update(state="failed")
    refuse("backup_not_good", request, marc)
    Backup.objects.all().delete()
    refuse("request_set_gone", request, marc)
    assert len(list_obstacles(RestoreRequest.objects.get(pk=request.pk), marc)) == 1


def test_refused_with_a_reason(instance: Instance) -> None:
    request, marc, now = make_sent(instance), make_person(), timezone.now()
    with pytest.raises(CiviparoisseError) as refused:
        refuse_request(request, " ", person=marc, actor=make_staff(marc), now=now)
    assert refused.value.code == "request_text_invalid"
    refuse_request(request, "Rien n’est perdu.", person=marc, actor=make_staff(marc), now=now)
    assert (request.state, request.refusal, request.ended_at) == ("refused", "Rien n’est perdu.", now)
    assert request.events.get(what="refuse").data["text"] == "Rien n’est perdu."


def test_what_people_do_is_noted_by_hand(instance: Instance) -> None:
    marc, now = make_person(), timezone.now()
    actor = make_staff(marc)
    request = make_sent(instance, wish="help")
    with pytest.raises(CiviparoisseError) as refused:
        finish_by_hand(request, "fait", person=marc, actor=actor, now=now)
    assert refused.value.code == "request_state_forbids" and request.state == "submitted"
    approve(request, marc)
    finish_by_hand(request, "Expliqué par téléphone.", person=marc, actor=actor, now=now)
    assert request.state == "done" and list_lines(request)[-2:] == ["start", "finish"]
    restore = make_sent(instance)
    with pytest.raises(CiviparoisseError) as refused:
        finish_by_hand(restore, "fait", person=marc, actor=actor, now=now)
    assert refused.value.code == "request_not_by_hand"


def test_looking_again_takes_away_what_was_approved_of_another_preview(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, marc = need(make_sent(instance), 2), make_person()
    approve(request, marc)
    other = {**request.preview, "lost": {"contacts": 3}}
    monkeypatch.setattr(previews, "make_preview", lambda _request, *, now: other)  # noqa: ARG005
    look_again(request, actor=make_staff(marc), now=timezone.now())
    assert (request.preview, request.approvals.count(), list_lines(request)[-1]) == (other, 0, "shown")
    RestoreRequest.objects.update(state="approved")
    request.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        look_again(request, actor=MANAGER, now=timezone.now())
    assert refused.value.code == "request_state_forbids"


def test_what_was_asked_for_again_meanwhile_is_not_tried_again(instance: Instance) -> None:
    request, marc = make_sent(instance), make_person()
    RestoreRequest.objects.update(state="failed")
    other = make_sent(instance)
    request.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        retry_request(request, person=marc, actor=make_staff(marc), now=timezone.now())
    assert (refused.value.code, refused.value.params["other"]) == ("request_open_already", other.reference)
    request.refresh_from_db()
    assert request.state == RequestState.FAILED


def test_only_what_failed_is_tried_again(instance: Instance) -> None:
    request, marc = make_sent(instance), make_person()
    with pytest.raises(CiviparoisseError) as refused:
        retry_request(request, person=marc, actor=make_staff(marc), now=timezone.now())
    assert refused.value.code == "request_state_forbids"
