"""Every trouble has one rule, and words for one and for several."""

import pytest

from watch.checks.trouble_rules import Trouble
from watch.checks.troubles import TROUBLES


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_has_its_words(trouble: Trouble) -> None:
    rule = TROUBLES[trouble]
    one, several = (str(rule.title % {"count": count}) for count in (1, 2))
    assert one != several and "2" in several and str(rule.label)
