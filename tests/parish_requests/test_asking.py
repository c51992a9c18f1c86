"""Asking: strict about who asks for what, once each, never more than UEPAL can read."""

from typing import Any

import pytest
from django.utils import timezone

from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestState, Wish
from domain.specs import InstanceKind
from operations.requests import request_operation
from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.asking import (
    OPEN_AT_MOST,
    answer_question,
    begin_request,
    rate_result,
    show_preview,
    submit_request,
    withdraw_request,
)
from parish_requests.deciding import ask_back
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.record import find_record_break
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import (
    DAY,
    HOUR,
    WHY,
    list_lines,
    make_contact,
    make_draft,
    make_parish,
    make_person,
    make_sent,
    make_staff,
)
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance() -> Instance:
    """A parish's site with a good set, and Jeanne who may ask."""
    return make_parish()


def refuse(code: str, instance: Instance, *, field: str = "", **values: Any) -> None:
    before = RestoreRequest.objects.count()
    with pytest.raises(CiviparoisseError) as refused:
        make_draft(instance, **values)
    assert refused.value.code == code and refused.value.params.get("field", "") == field
    assert RestoreRequest.objects.count() == before


def test_a_draft_says_who_asks_for_what(instance: Instance) -> None:
    now = timezone.now()
    request = make_draft(instance, scope="data", now=now)
    jeanne = ParishContact.objects.get()
    assert (request.state, request.wish, request.scope, request.cause) == ("draft", "restore", "data", "import")
    asker = (request.asked_by, request.asked_name, request.asked_mail)
    assert asker == (jeanne, "Jeanne Weiss", jeanne.mail)
    assert (request.entered_by, request.channel) == ("", "")
    assert request.expires_at == now + 72 * HOUR
    event = request.events.get()
    assert (event.what, event.data["why"], event.origin) == ("begun", WHY, "192.0.2.7")
    assert find_record_break(request) is None


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("wish", {"wish": "everything"}),
        ("cause", {"cause": "magic"}),
        ("scope", {"scope": "half"}),
        ("why", {"why": "  \n "}),
        ("why", {"why": "x" * 4001}),
        ("why", {"why": "nul \0"}),
        ("why", {"why": "escape \x1b[31m"}),
        ("external_reference", {"external_reference": "two\nlines"}),
        ("external_reference", {"external_reference": "x" * 65}),
        ("backup", {"backup": None}),
        ("part", {"part": "sites/a.txt"}),
        ("part", {"scope": "part", "part": ""}),
        ("part", {"scope": "part", "part": "elsewhere/a.txt"}),
        ("part", {"scope": "part", "part": "sites"}),
        ("part", {"scope": "part", "part": "sites/"}),
        ("part", {"scope": "part", "part": "sites/../../etc/passwd"}),
        ("part", {"scope": "part", "part": "sites/./a"}),
        ("part", {"scope": "part", "part": "sites/a\nb"}),
        ("part", {"scope": "part", "part": "sites/" + "a" * 1000}),
        ("scope", {"wish": "show_first", "scope": "data"}),
        ("scope", {"wish": "practice", "scope": "files"}),
        ("backup", {"wish": "show_first"}),
    ],
    ids=[str(place) for place in range(22)],
)
def test_what_makes_no_sense_is_refused(instance: Instance, field: str, values: dict[str, Any]) -> None:
    refuse("invalid_value", instance, field=field, **values)


def test_the_moment_is_a_good_set_of_that_site(instance: Instance) -> None:
    other = make_backup_row(make_instance_row("sainte-marie"))
    refuse("invalid_value", instance, field="backup", backup=other)
    for wish in ("backup", "help"):
        refuse("invalid_value", instance, field="backup", wish=wish, backup=Backup.objects.get(instance=instance))
    refuse("invalid_value", instance, field="backup", backup=make_backup_row(instance, reason=BackupReason.SAFETY))
    refuse("invalid_value", instance, field="backup", wish="undo", backup=Backup.objects.earliest("pk"))
    for state in (BackupState.RUNNING, BackupState.FAILED, BackupState.DELETED):
        refuse("backup_not_good", instance, backup=make_backup_row(instance, state=state))


def test_a_set_that_holds_less_is_not_put_back_whole(instance: Instance) -> None:
    database = make_backup_row(instance, scope=BackupScope.DATABASE)
    files = make_backup_row(instance, scope=BackupScope.FILES)
    for backup, scope in ((database, "everything"), (database, "files"), (files, "data"), (files, "everything")):
        refuse("invalid_value", instance, field="scope", backup=backup, scope=scope)
    assert make_draft(instance, backup=database, scope="data").backup == database
    part = make_draft(instance, backup=files, scope="part", part=" sites/default/files/ ")
    assert part.part == "sites/default/files"


def test_a_set_about_to_be_removed_is_no_moment(instance: Instance) -> None:
    old = Backup.objects.get()
    make_backup_row(instance, stored_bytes=1000)
    asked = {"backup_ids": [old.backup_id], "confirm": instance.identifier}
    request_operation(kind="prune", instance=instance, requested_by="test", parameters=asked)
    refuse("backup_leaving", instance, backup=old)


def test_a_copy_without_a_moment_is_of_the_newest_whole_set(instance: Instance) -> None:
    make_backup_row(instance, hours_ago=0.5, scope=BackupScope.DATABASE)
    newest = make_backup_row(instance, hours_ago=0.7)
    assert make_draft(instance, wish="practice").backup == newest
    assert make_draft(instance, wish="download").backup == newest
    Backup.objects.update(state=BackupState.FAILED)
    refuse("invalid_value", instance, field="backup", wish="practice")


def test_requests_are_of_the_site_itself(instance: Instance) -> None:
    Instance.objects.update(kind=InstanceKind.SANDBOX)
    instance.refresh_from_db()
    refuse("invalid_value", instance, field="instance")


@pytest.mark.parametrize(
    "values",
    [{"may_ask": False}, {"confirmed_at": None}, {"tenant": "other"}, None],
    ids=["only informed", "not confirmed", "of another parish", "removed"],
)
def test_only_a_confirmed_contact_of_the_parish_asks(instance: Instance, values: dict[str, Any] | None) -> None:
    jeanne, draft = ParishContact.objects.get(), make_draft(instance)
    if values is None:
        ParishContact.objects.all().delete()
    else:
        change = {"tenant": make_instance_row("sainte-marie").tenant} if "tenant" in values else values
        ParishContact.objects.update(**change)
    refuse("contact_may_not_ask", instance, contact=jeanne)
    draft.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        submit_request(draft, actor=make_contact_actor(jeanne), now=timezone.now())
    assert refused.value.code == "contact_may_not_ask" and draft.state == RequestState.DRAFT


def test_a_contact_does_not_ask_without_being_one(instance: Instance) -> None:
    actor = make_contact_actor(ParishContact.objects.get())
    with pytest.raises(CiviparoisseError) as refused:
        begin_request(instance=instance, wish="backup", actor=actor, now=timezone.now())
    assert refused.value.code == "contact_may_not_ask"


def test_uepal_enters_it_on_behalf_and_that_stays_said(instance: Instance) -> None:
    asked: dict[str, Any] = {"instance": instance, "wish": "backup", "actor": make_staff_actor("marc")}
    asked |= {"now": timezone.now(), "external_reference": "HD-17"}
    with pytest.raises(CiviparoisseError) as refused:
        begin_request(**asked)
    assert refused.value.params["field"] == "channel"
    request = begin_request(**asked, channel="par téléphone, Mme Weiss")
    assert (request.entered_by, request.channel) == ("marc", "par téléphone, Mme Weiss")
    assert (request.asked_by, request.external_reference) == (None, "HD-17")
    assert request.events.get().data["channel"] == "par téléphone, Mme Weiss"
    own = make_draft(instance, wish="backup", entered_by="marc", channel="door")
    assert (own.entered_by, own.channel) == ("", ""), "a parish that asks itself says nothing else"


def test_sent_it_has_its_preview_and_its_time(instance: Instance) -> None:
    now = timezone.now()
    request = make_sent(instance, now=now)
    assert (request.state, request.submitted_at, request.expires_at) == ("submitted", now, now + 72 * HOUR)
    assert request.preview["scope"] == "everything" and request.previewed_at == now
    event = request.events.get(what="submit")
    assert event.data["preview"] == request.preview and len(event.data["preview_sha256"]) == 64
    assert find_record_break(request) is None
    with pytest.raises(CiviparoisseError) as refused:
        submit_request(request, actor=MANAGER, now=now)
    assert refused.value.code == "request_state_forbids"
    assert make_sent(instance, wish="backup").preview == {}


def test_what_was_shown_is_what_is_sent_for_ten_minutes(instance: Instance) -> None:
    now, jeanne = timezone.now(), make_contact_actor(ParishContact.objects.get())
    request = show_preview(make_draft(instance), actor=jeanne, now=now)
    assert request.previewed_at == now and list_lines(request) == ["begun", "shown"]
    submit_request(request, actor=jeanne, now=now + HOUR / 7)
    assert request.previewed_at == now
    other = show_preview(make_draft(instance, scope="files"), actor=jeanne, now=now)
    submit_request(other, actor=jeanne, now=now + HOUR / 5)
    assert other.previewed_at == now + HOUR / 5
    with pytest.raises(CiviparoisseError) as refused:
        show_preview(other, actor=jeanne, now=now)
    assert refused.value.code == "request_state_forbids"


def test_the_same_is_asked_for_once(instance: Instance) -> None:
    first = make_sent(instance)
    with pytest.raises(CiviparoisseError) as refused:
        make_sent(instance)
    assert (refused.value.code, refused.value.params["other"]) == ("request_open_already", first.reference)
    assert make_sent(instance, scope="files").state == "submitted", "another extent is another request"
    withdraw_request(first, actor=MANAGER, now=timezone.now())
    assert make_sent(instance).state == "submitted"
    assert [make_sent(instance, wish="help").state for _call in range(2)] == ["submitted"] * 2


def test_a_parish_has_so_many_at_a_time(instance: Instance) -> None:
    for _call in range(OPEN_AT_MOST):
        last = make_draft(instance, wish="help")
    refuse("requests_too_many", instance, wish="help")
    other = make_instance_row("sainte-marie")
    assert make_draft(other, contact=make_contact(other.tenant), wish="help").state == "draft"
    withdraw_request(last, actor=MANAGER, now=timezone.now())
    assert make_draft(instance, wish="help").state == "draft"


def test_a_moment_that_went_before_it_was_sent(instance: Instance) -> None:
    draft = make_draft(instance)
    Backup.objects.update(state=BackupState.FAILED)
    draft.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        submit_request(draft, actor=MANAGER, now=timezone.now())
    assert refused.value.code == "backup_not_good"
    Backup.objects.all().delete()
    draft = RestoreRequest.objects.get(pk=draft.pk)
    with pytest.raises(CiviparoisseError) as refused:
        submit_request(draft, actor=MANAGER, now=timezone.now())
    assert refused.value.code == "request_set_gone"


def test_a_question_and_its_answer(instance: Instance) -> None:
    now, marc = timezone.now(), make_person()
    request = make_sent(instance, now=now)
    ask_back(request, "Depuis quand ?", person=marc, actor=make_staff(marc), now=now + DAY)
    assert (request.state, request.expires_at) == ("question", now + 4 * DAY)
    jeanne = make_contact_actor(ParishContact.objects.get())
    for text in ("", " \n", "x" * 2001, "\0"):
        with pytest.raises(CiviparoisseError) as refused:
            answer_question(request, text, actor=jeanne, now=now)
        assert refused.value.code == "request_text_invalid"
    answer_question(request, " Depuis mardi. \n", actor=jeanne, now=now + 2 * DAY)
    assert (request.state, request.expires_at, request.warned_at) == ("submitted", now + 5 * DAY, None)
    said = [event.data["text"] for event in request.events.order_by("number") if "text" in event.data]
    assert said == ["Depuis quand ?", "Depuis mardi."]


def test_satisfied_is_said_of_what_was_done(instance: Instance) -> None:
    request, now = make_sent(instance), timezone.now()
    with pytest.raises(CiviparoisseError) as refused:
        rate_result(request, is_satisfied=True, actor=MANAGER, now=now)
    assert refused.value.code == "request_state_forbids"
    RestoreRequest.objects.update(state="done")
    rate_result(request, is_satisfied=False, why="il manque une photo", actor=MANAGER, now=now)
    assert (request.is_satisfied, request.satisfied_why) == (False, "il manque une photo")
    rate_result(request, is_satisfied=True, actor=MANAGER, now=now)
    assert (request.is_satisfied, request.satisfied_why, list_lines(request)[-2:]) == (True, "", ["rated", "rated"])


def test_every_wish_can_be_asked_for_but_an_undo_without_its_copy(instance: Instance) -> None:
    backup = Backup.objects.get()
    for wish in set(Wish) - {Wish.UNDO}:
        values = {"backup": backup} if wish in (Wish.RESTORE, Wish.SHOW_FIRST) else {}
        assert make_sent(instance, wish=wish.value, **values).wish == wish
    refuse("invalid_value", instance, field="backup", wish="undo", backup=None)
