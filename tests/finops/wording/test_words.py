"""Every code has its words."""

import pytest

from domain.specs import CONTAINERS
from finops.advice.rightsizing import Reason
from finops.advice.waste import Finding
from finops.months.groups import Group
from finops.prices.pricing import CostKind
from finops.scenarios.whatif import Question
from finops.wording.words import CAVEATS, FINDINGS, GROUPS, KINDS, QUESTIONS, REASONS, word_component


@pytest.mark.parametrize(
    ("codes", "words"),
    [(CostKind, KINDS), (Group, GROUPS), (Reason, REASONS), (Finding, FINDINGS), (Question, QUESTIONS)],
)
def test_every_code_has_its_words(codes: type, words: dict[str, object]) -> None:
    assert set(words) == set(codes)  # type: ignore[call-overload]
    assert set(CAVEATS) <= set(Question)


def test_every_container_has_its_word_and_what_is_unknown_keeps_its_name() -> None:
    assert all(word_component(name) != name for name in CONTAINERS if name not in ("cron", "backup"))
    assert word_component("sidecar") == "sidecar"
