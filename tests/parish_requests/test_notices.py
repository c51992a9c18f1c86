"""Each move is told to the asker and all informed contacts, and to UEPAL where it must act; drafts to nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import override_settings
from django.utils import timezone
from django.utils.translation import override

from domain.parish_requests import Move
from domain.states import InstanceState
from parish_requests.actors import make_contact_actor
from parish_requests.asking import answer_question, submit_request, withdraw_request
from parish_requests.contacts import remove_contact
from parish_requests.deciding import ask_back, refuse_request
from parish_requests.expiry import expire_requests
from parish_requests.models import ContactMail, ParishContact, RequestRules, RestoreRequest
from parish_requests.notice_texts import ENDS_SOON, SENTENCES, SUBJECTS
from parish_requests.notices import FOR_STAFF, announce, list_addresses
from parish_requests.record import MAILED, find_record_break
from tests.parish_requests.cast import approve, make_contact, make_draft, make_person, make_sent, make_staff
from tests.rows import make_instance_row
from tests.watch.rows import make_recipient_row
from watch.models import Message, MessageKind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def parish() -> Any:
    """A parish with Jeanne who asks, Paul who is informed, Luc who only asks, and Eva who has not confirmed."""
    RequestRules.objects.create(telephone="+33 3 88 25 90 00")
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_contact(row.tenant, mail="jeanne@example.org")
    make_contact(row.tenant, "Paul Roth", mail="paul@example.org", may_ask=False)
    make_contact(row.tenant, "Luc Klein", mail="luc@example.org", is_informed=False)
    make_contact(row.tenant, "Eva Muller", mail="eva@example.org", confirmed_at=None)
    other = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    make_contact(other.tenant, "Rose Weber", mail="rose@example.org")
    return row


def take_mails() -> list[ContactMail]:
    """Return the mails that were written since, and forget them."""
    mails = list(ContactMail.objects.order_by("pk"))
    ContactMail.objects.all().delete()
    return mails


def ask_for_help(parish: Any, **values: Any) -> RestoreRequest:
    return make_sent(parish, wish="help", cause="other", **({"contact": find_jeanne(parish)} | values))


def find_jeanne(parish: Any) -> ParishContact:
    return ParishContact.objects.get(tenant=parish.tenant, mail="jeanne@example.org")


def test_every_move_has_its_words() -> None:
    assert set(SUBJECTS) == set(SENTENCES) == {*Move, ENDS_SOON}


def test_the_asker_and_all_informed_are_told_and_nobody_else(parish: Any) -> None:
    request = ask_for_help(parish)
    mails = take_mails()
    assert [mail.address for mail in mails] == ["jeanne@example.org", "paul@example.org"]
    assert all(mail.request == request and not mail.is_secret for mail in mails)
    body = mails[1].body
    for part in (
        request.reference,
        "+33 3 88 25 90 00",
        "Jeanne Weiss <jeanne@example.org>",
        "Un import a écrasé nos adresses.",
        "Paroisse",
        "téléphonez tout de suite à l’UEPAL",
    ):
        assert part in body, part
    assert request.reference in mails[0].subject
    line = request.events.get(what=MAILED)
    assert line.data["to"] == ["jeanne@example.org", "paul@example.org"] and line.data["count"] == 2
    assert find_record_break(request) is None


def test_an_asker_who_is_not_informed_of_others_is_told_of_the_own(parish: Any) -> None:
    luc = parish.tenant.contacts.get(mail="luc@example.org")
    request = ask_for_help(parish, contact=luc)
    assert list_addresses(request) == ["luc@example.org", "jeanne@example.org", "paul@example.org"]


def test_drafts_are_told_to_nobody(parish: Any) -> None:
    make_recipient_row()
    draft = make_draft(parish, wish="help", cause="other", contact=find_jeanne(parish))
    withdraw_request(draft, actor=make_contact_actor(draft.asked_by), now=timezone.now())  # type: ignore[arg-type]
    assert take_mails() == [] and not Message.objects.exists()


def test_a_removed_asker_is_told_nothing_any_more(parish: Any) -> None:
    request = ask_for_help(parish)
    take_mails()
    remove_contact(find_jeanne(parish), now=timezone.now())
    take_mails()
    request.refresh_from_db()
    refuse_request(request, "Non.", person=(marc := make_person()), actor=make_staff(marc), now=timezone.now())
    assert [mail.address for mail in take_mails()] == ["paul@example.org"]


def test_question_answer_and_refusal_are_told_with_their_words(parish: Any) -> None:
    request, now, marc = ask_for_help(parish), timezone.now(), make_person()
    take_mails()
    ask_back(request, "Quel jour était-ce ?", person=marc, actor=make_staff(marc), now=now)
    question = take_mails()[0]
    assert "Quel jour était-ce ?" in question.body and "question" in question.subject
    answer_question(request, "Mardi.", actor=make_contact_actor(request.asked_by), now=now)  # type: ignore[arg-type]
    assert "Mardi." in take_mails()[0].body
    refuse_request(request, "C’est trop ancien.", person=marc, actor=make_staff(marc), now=now)
    refusal = take_mails()[0]
    assert "C’est trop ancien." in refusal.body and "Rien n’a été modifié" in refusal.body
    assert "marc" not in refusal.body  # UEPAL answers, not one of its accounts


def test_words_are_french_whoever_works(parish: Any) -> None:
    with override("en"):
        request = ask_for_help(parish)
    mail = take_mails()[0]
    assert mail.body.startswith("Bonjour,") and "Hello" not in mail.body
    assert mail.subject == f"Demande {request.reference}\N{NO-BREAK SPACE}: envoyée à l’UEPAL"


@pytest.mark.parametrize("move", list(Move))
def test_no_mail_of_a_move_holds_a_link_that_acts(parish: Any, move: Move) -> None:
    request = ask_for_help(parish)
    take_mails()
    with override_settings(PUBLIC_URL="https://civiparoisse.example.org"):
        announce(request, move, make_staff(make_person()))
    mail = take_mails()[0]
    links = [word for word in mail.body.split() if "://" in word]
    assert links == ["https://civiparoisse.example.org/paroisse/"] and "%(" not in mail.body + mail.subject


def test_a_request_that_is_not_written_is_not_told(parish: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft(parish, wish="help", cause="other", contact=find_jeanne(parish))

    def fail(*_arguments: Any, **_values: Any) -> None:
        raise RuntimeError("the worker died")

    monkeypatch.setattr("parish_requests.notices._tell_staff", fail)
    with pytest.raises(RuntimeError):
        submit_request(draft, actor=make_contact_actor(draft.asked_by), now=timezone.now())  # type: ignore[arg-type]
    draft.refresh_from_db()
    assert draft.state == "draft" and take_mails() == []


def test_uepal_is_told_where_it_must_act(parish: Any) -> None:
    with override_settings(PUBLIC_URL="https://civiparoisse.example.org"):
        make_recipient_row("anne")
        make_recipient_row("critical", least_level="critical")
        make_recipient_row("other", tenants=["saint-jean"])
        make_recipient_row("backups", checks=["backup_old"])
        make_recipient_row("requests", checks=["request_waiting"], tenants=["saint-paul"])
        request = ask_for_help(parish, external_reference="GLPI-7")
    assert {message.recipient.name for message in Message.objects.all()} == {"anne", "requests"}
    message = Message.objects.get(recipient__name="anne")
    assert message.kind == MessageKind.REQUEST and request.reference in message.subject
    page = f"https://civiparoisse.example.org/admin/parish_requests/restorerequest/{request.pk}/change/"
    assert page in message.body and "import" not in message.body
    assert message.document["request"] == {
        "reference": request.reference,
        "what": "submit",
        "tenant": "saint-paul",
        "instance": "saint-paul",
        "wish": "help",
        "state": "submitted",
        "external_reference": "GLPI-7",
        "link": page,
    }


def test_uepal_is_not_told_of_what_it_did_itself(parish: Any) -> None:
    make_recipient_row()
    request = ask_for_help(parish)
    Message.objects.all().delete()
    approve(request, make_person())
    assert Move.APPROVE not in FOR_STAFF and not Message.objects.exists()


def test_before_a_request_ends_unanswered_both_are_told_once(parish: Any) -> None:
    make_recipient_row()
    now = timezone.now()
    request = ask_for_help(parish, now=now - 60 * HOUR)
    take_mails()
    Message.objects.all().delete()
    for _round in range(2):
        expire_requests(now=now)
    mails = take_mails()
    assert [mail.address for mail in mails] == ["jeanne@example.org", "paul@example.org"]
    assert "sans réponse" in mails[0].subject and Message.objects.count() == 1
    expire_requests(now=now + 13 * HOUR)
    assert "s’est terminée sans réponse" in take_mails()[0].body
    assert list(request.events.order_by("number").values_list("what", flat=True))[-2:] == ["expire", MAILED]
