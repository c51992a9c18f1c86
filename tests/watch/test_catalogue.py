"""Each check once, with a label that people understand."""

from watch.catalogue import SOURCES, get_label, list_choices


def test_every_code_is_of_one_source_and_has_a_label() -> None:
    codes = [code for code, _label in list_choices()]
    assert len(codes) == len(set(codes)) >= 30
    assert all(str(label) and str(label) != code for code, label in list_choices())
    assert len({source.name for source in SOURCES}) == len(SOURCES)


def test_a_check_that_is_gone_is_called_by_its_code() -> None:
    assert get_label("failed") != "failed" and get_label("gone_long_ago") == "gone_long_ago"
