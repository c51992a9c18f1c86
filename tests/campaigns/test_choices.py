"""Every code has its word in French."""

from enum import StrEnum

import pytest
from django.db.models import TextChoices
from django.utils.translation import override

from campaigns import choices
from domain import campaigns


@pytest.mark.parametrize(
    "name", ["CampaignState", "MemberState", "PauseReason", "LeftOut", "CampaignOrder", "ReleaseState"]
)
def test_every_code_has_a_word_of_its_own(name: str) -> None:
    codes: type[StrEnum] = getattr(campaigns, name)
    words: type[TextChoices] = getattr(choices, name)
    assert {code.value for code in codes} == set(words.values)
    with override("fr"):
        french = [str(label) for label in words.labels]
    with override("en"):
        english = [str(label) for label in words.labels]
    assert len(set(french)) == len(french)
    assert all(one and one != other for one, other in zip(french, english, strict=True)), french
