"""What a person types about who is told."""

import pytest

from console.watch.forms import AcknowledgeForm, RecipientForm

pytestmark = pytest.mark.django_db
VALUES = {"name": "anne", "kind": "mail", "address": "anne@example.org", "least_level": "warning"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"address": "nobody"}, "address"),
        ({"checks": ["no_such"]}, "checks"),
        ({"tenants": ["no-such"]}, "tenants"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "07:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ({"kind": "pigeon"}, "kind"),
    ],
)
def test_each_field_is_judged_on_its_own(changed: dict[str, object], field: str | None) -> None:
    form = RecipientForm(VALUES | changed)
    assert form.is_valid() is (field is None)
    assert field is None or field in form.errors


def test_an_acknowledgement_needs_an_end_and_a_reason() -> None:
    assert AcknowledgeForm({"days": 3, "reason": "known"}).is_valid()
    for days, reason in ((0, "known"), (32, "known"), (3, ""), (3, "x" * 301)):
        assert not AcknowledgeForm({"days": days, "reason": reason}).is_valid()
