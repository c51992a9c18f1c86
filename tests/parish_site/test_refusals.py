"""Refusals tell people of a parish what to do, and never a machine's name."""

import logging

import pytest
from django.utils.translation import override

from domain.errors import CiviparoisseError, EngineUnavailable, InstanceBusy, InvalidValue
from parish_site.refusals import FOR_PARISHES, word_refusal


def test_what_was_written_for_parishes_is_told_as_it_is() -> None:
    with override("fr"):
        told = word_refusal(CiviparoisseError("door_too_often", time="14:00"))
        own = CiviparoisseError("door_too_often", time="14:00")
        assert (told.message, told.hint, told.status) == (own.message, own.hint, 429)
        assert "14:00" in told.hint


def test_of_a_value_the_reason_is_told_without_a_fields_name() -> None:
    told = word_refusal(InvalidValue(field="why", reason="écrivez quelque chose ici.", well_formed=True))
    assert (told.message, told.hint, told.status) == ("Écrivez quelque chose ici.", "", 400)


@pytest.mark.parametrize(
    "error",
    [
        EngineUnavailable(instance="saint-paul", detail="10.0.0.7:6443 refused"),
        InstanceBusy(instance="saint-paul", kind="backup", operation="op-3f9a1c07be"),
    ],
)
def test_what_names_machines_is_told_without_them_and_logged(
    error: CiviparoisseError, caplog: pytest.LogCaptureFixture
) -> None:
    with override("fr"), caplog.at_level(logging.WARNING, "parish_site"):
        told = word_refusal(error)
    assert "10.0.0.7" not in str(told) and "op-" not in str(told) and "UEPAL" in told.hint
    assert error.code in caplog.text and error.code not in FOR_PARISHES
