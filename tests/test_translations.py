"""The French catalogue is whole: every text of the project is in it, translated, with the same places to fill."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gates.source import ROOT

CATALOGUE = Path("locale/fr/LC_MESSAGES/django.po")
NOT_COPIED = shutil.ignore_patterns(".*", "*.mo", "__pycache__", "docs", "*.sqlite3*")
PLACE = re.compile(r"%\(\w+\)[.\d]*[a-z]|\{\w*\}|%[sd%]")
# French typography: a no-break space before these, none of them plain; no typewriter apostrophe.
# A no-break space after the name of a command, or before its option: a shell takes it for part of the name.
UNTYPED_SPACE = re.compile("[a-z]+_[a-z_]+[\u00a0\u202f](?![:;!?»])|[\u00a0\u202f]--[a-z]")
WRONG_SPACE = re.compile(r" [:;?!»]|« ")


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What French people read, by English text; plural forms one by one."""
    compiled = tmp_path_factory.mktemp("texts") / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", compiled, ROOT / CATALOGUE], check=True, timeout=180)
    with compiled.open("rb") as file:
        catalogue: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    named = {key[0] if isinstance(key, tuple) else str(key): text for key, text in catalogue.items()}
    return {name.rpartition("\x04")[2]: text for name, text in named.items() if name}


def test_no_text_is_missing_empty_or_fuzzy(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    state = {"CIVIPAROISSE_TEST_DIR": str(tmp_path), "CIVIPAROISSE_STATE_DIR": str(tmp_path / "state")}
    subprocess.run(
        [sys.executable, copy / "scripts" / "collect_texts.py"],
        env=os.environ | state,
        check=True,
        capture_output=True,
        timeout=120,
    )
    # Our catalogue against the texts as they are now: it fails on what is not in ours, or empty, or fuzzy there.
    compared = subprocess.run(
        ["msgcmp", ROOT / CATALOGUE, copy / CATALOGUE], capture_output=True, text=True, timeout=180, check=False
    )
    assert compared.returncode == 0, f"make texts, then translate:\n{compared.stderr}"
    assert "not used" not in compared.stderr, f"make texts:\n{compared.stderr}"


def test_translations_have_the_same_places_to_fill(translations: dict[str, str]) -> None:
    assert len(translations) > 300
    different = [
        f"{english!r} -> {french!r}"
        for english, french in translations.items()
        if sorted(PLACE.findall(english)) != sorted(PLACE.findall(french))
    ]
    assert different == []


def test_french_is_typeset_as_french(translations: dict[str, str]) -> None:
    wrong = [french for french in translations.values() if WRONG_SPACE.search(french) or "'" in french]
    assert wrong == []


def test_a_command_can_be_pasted_as_it_is_written(translations: dict[str, str]) -> None:
    wrong = [french for french in translations.values() if UNTYPED_SPACE.search(french)]
    assert wrong == []
