"""What the README tells people to type is accepted as it stands."""

import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class

from operations.registry import list_kinds
from tests.gates.source import ROOT

LINE = re.compile(r"^manage\.py (.+)$", re.MULTILINE)


def list_typed() -> list[list[str]]:
    """Every command line of the README's blocks, its words apart; of a list of names only the first is whole."""
    typed = []
    for line in LINE.findall((ROOT / "README.md").read_text()):
        code = line.split("#")[0]
        typed += [shlex.split(part) for part in re.split(r"\s*manage\.py |\s{3,}", code) if part.strip()]
    return [part for words in typed for part in _split(words)]


def _split(words: list[str]) -> list[list[str]]:
    """Return `a / b X / c` as three lines."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word == "/":
            lines.append([])
        else:
            lines[-1].append(word)
    return lines


@pytest.mark.parametrize("words", list_typed(), ids=" ".join)
def test_a_command_of_the_readme_is_accepted(words: list[str]) -> None:
    name, *arguments = words
    command = load_command_class(get_commands()[name], name)
    if name == "finops_close" or not arguments:
        return  # named only: what it takes is on the pages that the README leads to
    command.create_parser("manage.py", name).parse_args(arguments)


def test_what_destroys_is_shown_with_its_confirmation() -> None:
    destructive = {kind.command for kind in list_kinds() if kind.is_destructive and kind.command}
    shown = [words for words in list_typed() if words[0] in destructive and "--dry-run" not in words]
    optional = {"instance_upgrade", "instance_delete"}  # asked only where something would be lost
    assert [words[0] for words in shown if "--confirm" not in words and words[0] not in optional] == []
    assert any(words[0] == "restore_run" for words in shown)


def test_the_readme_is_read() -> None:
    assert len(list_typed()) > 15
