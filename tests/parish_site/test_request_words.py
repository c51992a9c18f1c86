"""Every wish and every state has its words, and a request entered for a parish says so for ever."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from domain.parish_requests import RequestState, Wish
from parish_requests.models import RestoreRequest
from parish_site.request_words import NEXT, TITLES, describe_next, list_answers, list_visible, make_line, make_title
from tests.backups.rows import make_backup_row
from tests.parish_site.people import make_contact_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def make(**values: object) -> RestoreRequest:
    instance = values.pop("instance", None) or make_instance_row()
    return RestoreRequest.objects.create(
        **{"tenant": instance.tenant, "instance": instance, "wish": "restore", **values}  # type: ignore[attr-defined]
    )


def test_every_wish_and_state_has_words() -> None:
    assert set(TITLES) == {wish.value for wish in Wish} and set(NEXT) == {state.value for state in RequestState}


def test_a_title_names_the_moment_of_what_is_undone() -> None:
    instance = make_instance_row()
    backup = make_backup_row(instance)
    type(backup).objects.filter(pk=backup.pk).update(started_at=datetime(2026, 11, 24, 2, tzinfo=UTC))
    backup.refresh_from_db()
    restore = make(instance=instance, backup=backup)
    undo = make(instance=instance, wish="undo", undoes=restore)
    with override("fr"):
        assert make_title(restore) == "Revenir au 24 novembre 2026 03:00"
        assert make_title(undo) == "Défaire le retour au 24 novembre 2026 03:00"
        assert "antérieur" in make_title(make(instance=instance, wish="undo"))


def test_what_people_do_is_told_so_while_it_runs() -> None:
    instance = make_instance_row()
    with override("fr"):
        by_hand = describe_next(make(instance=instance, wish="help", state="running"))
        by_machine = describe_next(make(instance=instance, state="running"))
        later = describe_next(
            make(instance=instance, state="scheduled", not_before=datetime(2026, 12, 1, 1, tzinfo=UTC))
        )
    assert "Quelqu’un" in by_hand and by_machine != by_hand and "1 décembre 2026 02:00" in later


def test_what_was_entered_by_telephone_says_so() -> None:
    request = make(
        asked_name="Jeanne", entered_by="marc", channel="par téléphone, par Jeanne", scope="part", part="a/b"
    )
    with override("fr"):
        answers = dict(list_answers(request))
    assert any("par téléphone, par Jeanne" in answer for answer in answers.values()) and "marc" not in str(answers)
    assert "a/b" in str(answers)


def test_a_draft_is_seen_by_its_writer_and_a_list_by_its_parish() -> None:
    instance, other = make_instance_row(), make_instance_row("sainte-marie")
    jeanne, paul = make_contact_row(), make_contact_row(mail="paul@example.org", name="Paul")
    draft, sent = make(instance=instance, asked_by=jeanne), make(instance=instance, state="submitted")
    make(instance=other, state="submitted")
    rows = RestoreRequest.objects.order_by("pk")
    assert list(list_visible(rows, jeanne)) == [draft, sent]
    assert list(list_visible(rows, paul)) == [sent]


def test_what_waits_for_the_parish_stands_out() -> None:
    instance = make_instance_row()
    urgent = {state: make_line(make(instance=instance, state=state)).is_urgent for state in RequestState}
    assert {state for state, stands_out in urgent.items() if stands_out} == {RequestState.QUESTION, RequestState.DRAFT}
