"""A number is one owner's on the whole machine, from the first entry to the last."""

from pathlib import Path

import pytest

from engine.local.claims import Book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    for name in ("first", "second"):
        (tmp_path / name / "numbers").mkdir(parents=True)
    return Book(name="numbers", machine=tmp_path / "machine", mode=0o755)


def test_a_number_is_one_owner_s_over_all_installations(book: Book, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert book.claim(first, 7, "saint-paul")
    assert book.claim(first, 7, "saint-paul"), "its own already"
    assert not book.claim(first, 7, "saint-paul", is_new=True)
    assert not book.claim(first, 7, "saint-jean")
    assert not book.claim(second, 7, "saint-paul")
    assert book.list_claims(second) == []
    book.release(first, 7)
    assert book.claim(second, 7, "saint-jean")
    assert book.list_claims(second) == [(7, "saint-jean")]


def test_the_machine_s_folder_has_the_mode_of_its_kind(book: Book, tmp_path: Path) -> None:
    book.claim(tmp_path / "first", 7, "saint-paul")
    assert book.machine.stat().st_mode & 0o7777 == 0o755


def test_what_is_no_claim_is_passed_over(book: Book, tmp_path: Path) -> None:
    (tmp_path / "first" / "numbers" / "notes").write_text("x")
    (tmp_path / "first" / "numbers" / "8").write_text("no link")
    assert book.list_claims(tmp_path / "first") == []
    assert book.list_claims(tmp_path / "nowhere") == []
    assert not book.claim(tmp_path / "first", 8, "saint-paul")
