"""What is remembered of each engine."""

import pytest
from django.utils import timezone

from domain.errors import EngineUnavailable
from engine.registry import list_engines
from tests.engines import FakeEngine
from watch.models import Sighting
from watch.sightings import look_at_engines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def read(engine: str) -> dict[str, object]:
    document: dict[str, object] = Sighting.objects.get(engine=engine).document
    return document


def test_every_engine_is_looked_at_and_only_the_last_look_is_kept(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    Sighting.objects.create(engine="gone", at=timezone.now())
    look_at_engines(now=timezone.now())
    assert set(Sighting.objects.values_list("engine", flat=True)) == {*list_engines(), ""}
    assert isinstance(read("fake")["more"], int) and read("")["count"] == 0

    def refuse() -> None:
        raise EngineUnavailable(instance="fake", detail="refused")

    monkeypatch.setattr(engine, "observe_fleet", refuse)
    later = timezone.now()
    look_at_engines(now=later)
    assert read("fake")["code"] == "engine_unavailable"
    assert Sighting.objects.get(engine="fake").at == later
