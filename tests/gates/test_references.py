"""A reference leads somewhere: documents, their headings and source files that texts of the project name are there."""

import re
from pathlib import Path

from tests.gates.source import ROOT, list_texts

DOCUMENT = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w.-]+\.md)(?:#([\w-]+))?")
SOURCE = re.compile(r"(?<![\w/.<*{$-])((?:[a-z][\w-]*/)+[\w-]+\.py)(?!\w)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Names that stand for a document somewhere else: private numbering, and the line of a file, which moves.
RIDDLES = re.compile(r"\btrap g\d+|\b(?:DOMAIN|FINOPS|BACKUP|STYLE) (?:[A-Ga-g]\d|section|notes)|\b[\w/]+\.py:\d+\b")

# Written as examples, or made by a test.
EXAMPLES = {"a/b.py", "programs/a.py", "tests/a/test_b.py"}


def make_anchor(heading: str) -> str:
    """Return the anchor of a heading, as renderers of Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def list_anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    return {make_anchor(heading) for heading in HEADING.findall(document.read_text())}


def find_document(name: str, beside: Path) -> Path | None:
    """Return the document that a file of the folder `beside` means, None when there is none."""
    places = (ROOT / beside / name, ROOT / name, ROOT / "docs" / name)
    return next((place for place in places if place.is_file()), None)


def judge(path: Path, text: str) -> list[str]:
    """Return what of `text`, the content of `path`, leads nowhere."""
    wrong = []
    for name, anchor in DOCUMENT.findall(text):
        document = find_document(name, path.parent)
        if document is None:
            wrong.append(f"{path}: {name} is not in the project")
        elif anchor and anchor not in list_anchors(document):
            wrong.append(f"{path}: {name} has no heading #{anchor}")
    for name in set(SOURCE.findall(text)) - EXAMPLES:
        folders = (ROOT, *(ROOT / parent for parent in path.parents))
        if not any((folder / name).exists() for folder in folders) and not list(ROOT.glob(f"*/{name}")):
            wrong.append(f"{path}: {name} is not in the project")
    return wrong + [f"{path}: “{riddle}” is no reference a reader can follow" for riddle in RIDDLES.findall(text)]


def test_every_reference_leads_somewhere() -> None:
    # This file's own examples are wrong on purpose.
    texts = {path: (ROOT / path).read_text() for path in list_texts() if path.name != Path(__file__).name}
    assert [line for path, text in texts.items() for line in judge(path, text)] == []


def test_a_reference_that_leads_nowhere_is_found() -> None:
    here = Path("docs/domain.md")
    assert judge(here, "see docs/nowhere.md") == ["docs/domain.md: docs/nowhere.md is not in the project"]
    assert judge(here, "see traps.md#nothing") == ["docs/domain.md: traps.md has no heading #nothing"]
    assert judge(here, "see programs/nowhere.py") == ["docs/domain.md: programs/nowhere.py is not in the project"]
    assert judge(here, "trap g1, backup.py:12") != []
    assert judge(here, "traps.md#lostfound and programs/backup.py") == []
