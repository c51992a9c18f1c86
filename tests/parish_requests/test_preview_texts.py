"""A preview in words: what would be lost is said first, with numbers and money as people write them."""

from typing import Any

import pytest
from django.utils import translation

from domain.figures import SUM, FigureCode
from parish_requests.preview_texts import COUNTED, LABELS, ORDER, describe_preview, describe_warning
from tests.parish_requests.test_preview_documents import NOW, THEN, change_now, make_document

WARNINGS: tuple[dict[str, Any], ...] = (
    {"code": "mailing_since", "params": {"count": 2}},
    {"code": "payment_since", "params": {"count": 1, "cents": None}},
    {"code": "payment_since", "params": {"count": 23, "cents": 124_000}},
    {"code": "older_release", "params": {"then": "2026.9", "now": "2026.11"}},
    {"code": "others_asked", "params": {"count": 1}},
    {"code": "others_asked", "params": {"count": 3}},
    {"code": "not_proven", "params": {}},
    {"code": "restored_since", "params": {"at": "2026-11-24T02:10:00+00:00"}},
    {"code": "set_not_known", "params": {}},
    {"code": "now_not_known", "params": {}},
    {"code": "partly_known", "params": {"codes": ["contacts", "files"]}},
)


def read_plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_loss_is_said_first_in_french() -> None:
    with translation.override("fr"):
        told = describe_preview(make_document())
    assert read_plain(told.lead) == (
        "Ce qui a été saisi depuis le mardi 24 novembre 2026 03:10 serait perdu : "
        "23 contributions (1 240,00 €), 3 contacts. "
        "Ce qui a été modifié depuis le mardi 24 novembre 2026 03:10 redeviendrait comme avant : 7 contacts. "
        "Ce qui a été supprimé depuis reviendrait : 2 contacts, 2 fichiers."
    )
    rows = {
        read_plain(row.label): [read_plain(text) for text in (row.then, row.now, row.difference)] for row in told.rows
    }
    assert rows["contributions"] == ["400", "423", "−23"]
    assert rows["montant des contributions"] == ["20 000,00 €", "21 240,00 €", "−1 240,00 €"]
    assert rows["fichiers"] == ["30", "28", "+2"]
    assert rows["dernière modification"] == ["24 novembre 2026 02:10", "24 novembre 2026 03:11", ""]


def test_the_same_in_english_with_one_of_each() -> None:
    now = change_now("contributions", count=401, entered=1, cents=2_000_050, entered_cents=50)
    now["counts"]["contacts"] = {"count": 120, "last": 130, "entered": 0}
    now["counts"]["files"] = {"count": 30}
    with translation.override("en"):
        told = describe_preview(make_document(now=now))
    lead = read_plain(told.lead)
    assert lead.startswith("What was entered since Tuesday Nov. 24, 2026")
    assert lead.endswith("would be lost: 1 contribution (€0.50)." if "€0.50" in lead else "1 contribution (0.50 €).")


def test_nothing_lost_is_said_only_where_it_is_known() -> None:
    with translation.override("en"):
        same = describe_preview(make_document(now={**THEN, "at": NOW["at"]}))
        half = {**THEN, "at": NOW["at"], "counts": {"files": {"count": 30}}}
        partly = describe_preview(make_document(now=half))
        unknown = describe_preview(make_document(now=None))
        part = describe_preview(make_document(scope="part"))
        nothing = describe_preview({})
    assert same.lead.startswith("Nothing that is counted would be lost")
    assert partly.lead.startswith("Of what can be compared nothing would be lost")
    assert "is not known" in unknown.lead and [row.label for row in unknown.rows] == ["newest change"]
    assert part.lead.startswith("Only the file or folder")
    assert nothing.lead == "Nothing of the site changes." and not nothing.rows and not nothing.warnings


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_figure_and_every_warning_has_words(language: str) -> None:
    assert set(LABELS) == {*(code.value for code in FigureCode), SUM}
    assert set(COUNTED) == set(FigureCode) and set(ORDER) == set(FigureCode)
    with translation.override(language):
        for warning in WARNINGS:
            told = describe_warning(warning)
            assert told and told != warning["code"] and "%(" not in told
        for code in FigureCode:
            for number in (1, 2, 1_234_567):
                now = {"at": NOW["at"], "counts": {code.value: {"count": number, "entered": number}}}
                told_all = describe_preview(
                    make_document(then={"at": 0, "counts": {code.value: {"count": 0}}}, now=now)
                )
                assert "%(" not in told_all.lead
                assert len(told_all.rows) == 1
    assert describe_warning({"code": "of tomorrow"}) == "of tomorrow"
