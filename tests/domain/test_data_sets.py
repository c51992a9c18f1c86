"""domain.data_sets: the manager and the programs, which stand alone, use the same words."""

from domain.data_sets import CopyMode, DataClass
from manifests import data_sets as blueprints
from programs.run import data_sets as programs


def test_the_programs_know_the_same_words() -> None:
    assert tuple(DataClass) == programs.CLASSES
    assert tuple(CopyMode) == programs.COPIED
    assert set(blueprints.HOLDS) == {"", programs.SETTINGS}
    assert blueprints.PATTERN.pattern == programs.PATTERN.pattern
    assert blueprints.DATABASE_NAME.pattern == programs.DATABASE_NAME.pattern
