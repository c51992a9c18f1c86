"""What an adoption says before it is asked for."""

import pytest
from django.utils import translation

from clusters.adoption import describe_adoption, refuse_adoption
from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_whose_it_is_and_what_stays_is_told(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS, manager="them")
    with translation.override("en"):
        lines = describe_adoption(make_instance_row(), {})
    assert "another manager (them)" in lines[0] and "dbvolclaim" in lines[1] and "passwords" in lines[1]


def test_where_nothing_stands_there_is_nothing_to_adopt(engine: FakeEngine) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        refuse_adoption(make_instance_row(), {})
    assert refused.value.code == "nothing_to_adopt" and engine.list_effects("saint-paul") == []
