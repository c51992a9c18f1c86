"""No two months look alike, and French has its own."""

from django.utils import translation

from finops.wording.months import write_short_month

FRENCH = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()


def test_french_abbreviates_as_people_do() -> None:
    with translation.override("fr"):
        assert [write_short_month(2026, month) for month in range(1, 13)] == [f"{word} 26" for word in FRENCH]


def test_english_has_its_own() -> None:
    with translation.override("en"):
        assert write_short_month(2009, 7) == "July 09"
