"""The figures have codes that programs, blueprints and documents share."""

from domain.figures import SUM, FigureCode
from manifests.blueprints import list_blueprints, load_blueprint
from programs.run.figures import CODE, FILES


def test_codes_are_words_that_programs_take() -> None:
    assert all(CODE.fullmatch(code.value) for code in FigureCode)
    assert FILES == FigureCode.FILES.value
    assert SUM not in set(FigureCode)


def test_every_figure_is_declared_by_a_blueprint() -> None:
    """One that nobody counts would never be told."""
    declared = {code for name in list_blueprints() for code in load_blueprint(name).data.figures}
    assert declared == set(FigureCode) - {FigureCode.FILES}
