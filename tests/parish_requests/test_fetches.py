"""Their data as a file: offered to the asker alone, kept meanwhile, fetched whole it is done, and else it ends."""

import io
import tarfile
from datetime import datetime
from typing import Any

import pyrage
import pytest
from django.utils import timezone

from backups.holders import list_holders
from backups.models import Backup
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestState
from domain.states import OperationKind
from offsite.downloads import LONGEST, make_one_time_key, note_end
from offsite.models import Download
from parish_requests import fetches
from parish_requests.actors import make_contact_actor
from parish_requests.asking import withdraw_request
from parish_requests.contacts import remove_contact
from parish_requests.deciding import refuse_request, retry_request
from parish_requests.fetches import (
    MOST_FETCHES,
    OFFERED_FOR,
    begin_fetch,
    get_recipient,
    is_offered_to,
    make_fetch_key,
    stream_fetch,
)
from parish_requests.models import ContactMail, ParishContact, RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from tests.backups.parishes import Parishes
from tests.parish_requests.cast import (
    DAY,
    HOUR,
    approve,
    list_lines,
    make_approved,
    make_contact,
    make_parish,
    make_person,
    make_staff,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> RestoreRequest:
    """A download that is offered to Jeanne; its set is a row alone, so that nothing is read of it."""
    monkeypatch.setattr(fetches, "is_readable", lambda _backup: True)
    return advance(make_approved(make_parish(), wish="download"))


def advance(request: RestoreRequest, *, now: datetime | None = None) -> RestoreRequest:
    advance_requests(now=now or timezone.now())
    return RestoreRequest.objects.get(pk=request.pk)


def get_asker(request: RestoreRequest) -> ParishContact:
    return ParishContact.objects.get(tenant=request.tenant, name="Jeanne Weiss")


def begin(
    request: RestoreRequest, *, contact: ParishContact | None = None, recipient: str = "", now: datetime | None = None
) -> Download:
    """Begin to fetch as the page does, with a key that was just made; the sealed bytes are stream_fetch's."""
    who, moment = contact or get_asker(request), now or timezone.now()
    actor = make_contact_actor(who, "192.0.2.7")
    if not recipient:
        _key, recipient = make_fetch_key(request, contact=who, actor=actor, now=moment)
    return begin_fetch(request, contact=who, recipient=recipient, actor=actor, now=moment)


def stream(request: RestoreRequest, download: Download) -> Any:
    jeanne = get_asker(request)
    return stream_fetch(request, download, contact=jeanne, actor=make_contact_actor(jeanne))


def refuse(request: RestoreRequest, **given: Any) -> str:
    """Return the code of the refusal to begin; nothing may have been recorded."""
    before = Download.objects.count()
    with pytest.raises(CiviparoisseError) as refused:
        begin(request, **given)
    assert Download.objects.count() == before
    return refused.value.code


def test_a_real_set_is_fetched_whole_by_a_key_that_was_shown_once(parishes: Parishes) -> None:
    paul = parishes.get()
    jeanne = make_contact(paul.tenant)
    make_contact(paul.tenant, "Paul Roth", may_ask=False)
    parishes.run(OperationKind.BACKUP, paul)
    request = advance(make_approved(paul, wish="download"))
    backup = request.backup
    assert backup is not None and request.state == RequestState.RUNNING
    assert backup.pinned_until == request.expires_at and backup.pin_reason == f"request {request.reference}"
    actor = make_contact_actor(jeanne, "192.0.2.7")
    first, _public = make_fetch_key(request, contact=jeanne, actor=actor, now=timezone.now())
    key, public = make_fetch_key(request, contact=jeanne, actor=actor, now=timezone.now())
    ContactMail.objects.all().delete()
    download = begin_fetch(request, contact=jeanne, recipient=public, actor=actor, now=timezone.now())
    # On the record, and told to the parish, before the first byte.
    assert list_lines(request)[-1] == "fetch_begun" and download.ended_at is None
    assert {mail.address for mail in ContactMail.objects.all()} == {
        "jeanne@saint-paul.example.org",
        "paul@saint-paul.example.org",
    }
    sealed = b"".join(stream(request, download))
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(first)])
    plain = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert f"{backup.backup_id}/manifest.json" in archive.getnames()
    request.refresh_from_db()
    assert request.state == RequestState.DONE and list_lines(request)[-2:] == ["fetch_ended", "finish"]
    assert find_record_break(request) is None
    told = str([*request.events.values(), *ContactMail.objects.values(), *Download.objects.values()])
    assert key not in told and first not in told and public in told
    assert refuse(request, recipient=public) == "request_state_forbids"


def test_nobody_but_the_asker_fetches_it(offered: RestoreRequest) -> None:
    other = make_contact(offered.tenant, "Paul Roth")
    _key, public = make_fetch_key(
        offered, contact=get_asker(offered), actor=make_contact_actor(get_asker(offered)), now=timezone.now()
    )
    assert refuse(offered, contact=other, recipient=public) == "request_not_yours"
    assert refuse(offered, contact=other) == "request_not_yours"
    foreign = make_contact(make_parish("sainte-marie").tenant, "Rose Weber")
    assert refuse(offered, contact=foreign, recipient=public) == "request_not_yours"
    assert not is_offered_to(offered, other, now=timezone.now())
    assert is_offered_to(offered, get_asker(offered), now=timezone.now())


@pytest.mark.parametrize("recipient", ["x", "age1", make_one_time_key()[1]], ids=["no key", "cut", "another"])
def test_it_is_sealed_to_the_key_that_was_shown_and_to_no_other(offered: RestoreRequest, recipient: str) -> None:
    assert refuse(offered, recipient=recipient) == "request_key_changed"
    begin(offered)
    assert refuse(offered, recipient=recipient) == "request_key_changed"


def test_a_key_of_their_own_is_used_and_none_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetches, "is_readable", lambda _backup: True)
    _key, own = make_one_time_key()
    request = advance(make_approved(make_parish(), wish="download", recipient=f" {own} "))
    assert get_recipient(request) == own
    assert refuse(request) == "request_key_own"
    assert begin(request, recipient=own).recipient == own


def test_it_is_begun_three_times_at_most_and_then_has_failed(offered: RestoreRequest) -> None:
    for number in range(MOST_FETCHES):
        download = begin(offered)
        assert offered.events.filter(what="fetch_begun").latest("number").data["count"] == number + 1
        assert advance(offered).state == RequestState.RUNNING, "it is being fetched"
        note_end(download, sent=7, error_code="GeneratorExit", now=timezone.now())
    assert refuse(offered) == "request_fetches_over"
    assert not is_offered_to(offered, get_asker(offered), now=timezone.now())
    request = advance(offered)
    assert (request.state, request.error_code) == (RequestState.FAILED, "request_fetches_over")
    person = make_person("anne")
    retry_request(request, person=person, actor=make_staff(person), now=timezone.now())
    approve(request, person)
    assert advance(request).state == RequestState.RUNNING and begin(request)
    assert request.events.filter(what="fetch_begun").count() == MOST_FETCHES + 1


def test_it_is_offered_for_seven_days_and_told_of_a_day_before(offered: RestoreRequest) -> None:
    now = timezone.now()
    assert offered.expires_at is not None and abs(offered.expires_at - now - OFFERED_FOR) < HOUR
    late = now + OFFERED_FOR - HOUR
    ContactMail.objects.all().delete()
    assert advance(offered, now=late).state == RequestState.RUNNING
    (mail,) = ContactMail.objects.all()
    assert "pas encore" in mail.body and offered.reference in mail.subject
    over = offered.expires_at
    assert refuse(offered, now=over) == "request_state_forbids"
    assert not is_offered_to(offered, get_asker(offered), now=over)
    request = advance(offered, now=over)
    assert request.state == RequestState.EXPIRED and find_record_break(request) is None
    assert "n’ont pas été récupérées" in ContactMail.objects.latest("pk").body


def test_what_is_being_fetched_at_the_end_comes_to_its_end(offered: RestoreRequest) -> None:
    assert offered.expires_at is not None
    download = begin(offered, now=offered.expires_at - HOUR)
    Download.objects.filter(pk=download.pk).update(at=offered.expires_at - HOUR)
    assert advance(offered, now=offered.expires_at).state == RequestState.RUNNING
    note_end(download, sent=7, error_code="", now=offered.expires_at + HOUR)
    assert advance(offered, now=offered.expires_at + HOUR).state == RequestState.DONE


def test_a_fetch_whose_process_died_is_noted(offered: RestoreRequest) -> None:
    download = begin(offered)
    assert advance(offered).state == RequestState.RUNNING
    Download.objects.filter(pk=download.pk).update(at=timezone.now() - LONGEST)
    assert advance(offered).state == RequestState.RUNNING
    download.refresh_from_db()
    assert download.error_code == "download_lost" and download.ended_at is not None
    assert offered.events.latest("number").data["code"] == "download_lost"
    advance(offered)
    assert offered.events.filter(what="fetch_ended").count() == 1


def test_a_removed_asker_fetches_nothing_and_the_request_ends(offered: RestoreRequest) -> None:
    jeanne, actor = get_asker(offered), make_contact_actor(get_asker(offered))
    _key, public = make_fetch_key(offered, contact=jeanne, actor=actor, now=timezone.now())
    gone = ParishContact.objects.get(pk=jeanne.pk)
    remove_contact(jeanne, now=timezone.now())
    assert refuse(offered, contact=gone, recipient=public) == "request_not_yours"
    request = advance(offered)
    assert (request.state, request.error_code) == (RequestState.FAILED, "request_asker_gone")


def test_an_asker_who_may_not_ask_any_more_fetches_nothing(offered: RestoreRequest) -> None:
    ParishContact.objects.update(may_ask=False)
    assert refuse(offered) == "request_asker_gone"


@pytest.mark.parametrize("how", ["withdrawn", "refused"])
def test_it_can_be_called_off_while_it_is_offered(offered: RestoreRequest, how: str) -> None:
    marc = make_staff(person := make_person("anne"))
    _key, public = make_fetch_key(
        offered, contact=get_asker(offered), actor=make_contact_actor(get_asker(offered)), now=timezone.now()
    )
    if how == "withdrawn":
        withdraw_request(offered, actor=marc, now=timezone.now())
    else:
        refuse_request(offered, "Boîte volée.", person=person, actor=marc, now=timezone.now())
    assert refuse(offered, recipient=public) == "request_state_forbids"
    assert advance(offered).state == how


def test_what_is_called_off_while_it_is_sent_is_cut(parishes: Parishes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetches, "LOOK_SECONDS", 0.0)
    paul = parishes.get()
    make_contact(paul.tenant)
    parishes.run(OperationKind.BACKUP, paul)
    request = advance(make_approved(paul, wish="download"))
    chunks = stream(request, download := begin(request))
    assert next(chunks).startswith(b"age-encryption.org/v1")
    withdraw_request(request, actor=make_staff(make_person("anne")), now=timezone.now())
    with pytest.raises(CiviparoisseError):
        b"".join(chunks)
    download.refresh_from_db()
    assert (download.error_code, download.ended_at is not None) == ("request_state_forbids", True)
    assert request.events.filter(what="fetch_ended").latest("number").data["code"] == "request_state_forbids"
    assert advance(request).state == RequestState.WITHDRAWN
    # Whoever goes away is noted too, and may come again.
    again = advance(make_approved(paul, wish="download"))
    chunks = stream(again, download := begin(again))
    next(chunks)
    chunks.close()
    download.refresh_from_db()
    assert download.error_code == "GeneratorExit" and advance(again).state == RequestState.RUNNING
    assert is_offered_to(again, get_asker(again), now=timezone.now())


def test_nobody_prunes_what_is_offered(offered: RestoreRequest) -> None:
    backup = offered.backup
    assert backup is not None and backup.backup_id in list_holders([backup.backup_id])
    assert backup.pinned_until == offered.expires_at
    longer = timezone.now() + 60 * DAY
    Backup.objects.filter(pk=backup.pk).update(pinned_until=longer)
    withdraw_request(offered, actor=make_staff(make_person("anne")), now=timezone.now())
    again = advance(make_approved(offered.instance, wish="download"))
    assert again.backup is not None and again.backup.pinned_until == longer


def test_what_the_manager_cannot_read_is_told_to_uepal_before_it_is_offered() -> None:
    request = advance(make_approved(make_parish(), wish="download"))
    assert (request.state, request.error_code) == (RequestState.FAILED, "download_nowhere")


def test_a_set_that_went_ends_the_offer(offered: RestoreRequest) -> None:
    Backup.objects.update(state="failed")
    assert refuse(offered) == "backup_not_good"
    assert advance(offered).error_code == "backup_not_good"
