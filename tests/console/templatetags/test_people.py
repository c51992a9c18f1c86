"""Advice leads to pages, and a pause between two looks is no other state."""

import pytest
from django.utils import translation

from console.templatetags.people import link_advice, requester, state_word
from operations.models import Operation
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_commands_about_an_instance_lead_to_its_pages() -> None:
    row = make_instance_row()
    with translation.override("fr"):
        shown = link_advice("D’abord : instance_delete saint-paul --purge-backups --confirm saint-paul, puis <b>.")
    assert f'href="/admin/tenants/instance/{row.pk}/ask/delete/"' in shown
    assert "--confirm" not in shown and "&lt;b&gt;" in shown and "Supprimer…" in shown
    assert f"/admin/tenants/instance/{row.pk}/change/" in link_advice("instance_status saint-paul")


def test_what_is_not_known_stays_as_it_is() -> None:
    for text in ("instance_resume nobody", "make it a rule", "cluster_check strasbourg", "op-0123456789"):
        assert link_advice(text) == text


def test_operations_lead_to_their_pages() -> None:
    operation = Operation.objects.create(kind="backup", subject="saint-paul", requested_by="jeanne")
    assert f"/admin/operations/operation/{operation.pk}/change/" in link_advice(f"operation {operation.public_id}.")


def test_a_pause_between_two_looks_is_running() -> None:
    with translation.override("fr"):
        words = {state: state_word(Operation(state=state)) for state in ("queued", "running", "waiting", "failed")}
    assert words["waiting"] == words["running"] and len(set(words.values())) == 3


def test_what_a_parish_asked_for_is_named_in_french() -> None:
    with translation.override("fr"):
        assert requester("request K7M2-QX4P") == "demande K7M2-QX4P"
        for text in ("jeanne", "request", "request of jeanne", "", "request K7M2-QX4P<b>"):
            assert requester(text) == text
