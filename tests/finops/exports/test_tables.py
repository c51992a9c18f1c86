"""A table in a terminal reads like French and lines up."""

from decimal import Decimal

from django.utils.translation import override

from finops.exports.sheets import Column, ColumnKind
from finops.exports.tables import format_cell, format_table
from tests.finops.exports.sheets import make_sheet


def test_numbers_are_french_and_stand_to_the_right() -> None:
    with override("fr"):
        lines = format_table(make_sheet()).replace("\xa0", " ").splitlines()
    assert lines[0] == "Coûts [mars 2026]"
    assert lines[1].split() == ["Paroisse", "Total", "CPU", "Efficacité", "Sauvegardes"]
    assert "1 234,56 €" in lines[3] and "42 %" in lines[3] and "1,5" in lines[3]
    assert "0,00042 €" in lines[4], "what costs something is never shown as 0,00 €"
    ends = {line.index("€") for line in lines[3:7] if "€" in line}
    assert len(ends) == 1
    assert lines[-1] == "Prix fictifs."


def test_no_data_is_not_nought() -> None:
    with override("en"):
        assert format_cell(Column(name="x", label="X", kind=ColumnKind.SHARE), None, currency="EUR") == "no data"
        assert format_cell(Column(name="x", label="X", kind=ColumnKind.SHARE), Decimal(0), currency="EUR") != "no data"
        assert format_cell(Column(name="x", label="X", kind=ColumnKind.MONEY), None, currency="EUR") == "–"
        assert format_cell(Column(name="x", label="X"), None, currency="EUR") == ""
