"""What would happen is said before anybody decides, and what an approved request waits for."""

import pytest
from django.utils.translation import override

from domain.parish_requests import Wish
from domain.states import InstanceState, OperationKind
from operations.requests import request_operation
from parish_requests.outcomes import describe_outcome, find_hindrance, find_holder
from tenants.models import Instance
from tests.parish_requests.cast import make_draft, make_parish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_every_wish_is_described_in_both_languages() -> None:
    instance = make_parish()
    for wish in set(Wish) - {Wish.UNDO, Wish.RESTORE, Wish.SHOW_FIRST}:
        request = make_draft(instance, wish=wish.value)
        told = {}
        for language in ("en", "fr"):
            with override(language):
                told[language] = describe_outcome(request)
        assert told["en"] and told["en"] != told["fr"], wish
        assert not any("%(" in text for text in (*told["en"], *told["fr"]))


def test_of_a_restore_the_way_back_is_said() -> None:
    with override("en"):
        told = describe_outcome(make_draft(make_parish()))
    assert any("safety" in text.lower() for text in told)
    assert "30 days" in told[-1] and "14 days" in told[-1]


def test_what_could_not_be_done_now_is_said() -> None:
    instance = make_parish()
    request = make_draft(instance)
    Instance.objects.filter(pk=instance.pk).update(state=InstanceState.DELETED)
    request.instance.refresh_from_db()
    with override("en"):
        assert "not possible now" in describe_outcome(request)[0]


def test_another_operation_is_named() -> None:
    instance = make_parish()
    request = make_draft(instance)
    assert find_hindrance(request) == "" and find_holder("restore", instance) is None
    other = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="test")
    assert other.public_id in find_hindrance(request) and find_holder("restore", instance) == other
    assert find_hindrance(make_draft(instance, wish="help")) == ""


def test_a_copy_waits_for_the_one_that_is_there() -> None:
    instance = make_parish()
    request = make_draft(instance, wish="practice")
    assert find_hindrance(request) == ""
    row = make_instance_row("copy", state=InstanceState.ACTIVE)
    Instance.objects.filter(pk=row.pk).update(identifier="saint-paul-sandbox", tenant=instance.tenant)
    assert "saint-paul-sandbox" in find_hindrance(request)
    assert any("saint-paul-sandbox" in text for text in describe_outcome(request))


def test_data_is_offered_to_its_asker_and_what_cannot_be_read_is_said() -> None:
    request = make_draft(make_parish(), wish="download")
    with override("en"):
        told = " ".join(describe_outcome(request))
    for part in ("Jeanne Weiss", "for 7 days", "3 times", "shown once", "cannot read the set"):
        assert part in told, part
    request.recipient = "age1xyz"
    with override("en"):
        assert "sealed to the key age1xyz" in " ".join(describe_outcome(request))
