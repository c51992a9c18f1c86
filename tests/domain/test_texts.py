"""Texts are marked without a catalogue, and are in the language of the moment they are shown."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.utils import translation

from domain import texts
from domain.states import InstanceState
from domain.texts import Text, install_translator, mark, mark_in_context, translate
from domain.words import INSTANCE_STATES
from tests.gates.source import ROOT


@pytest.fixture
def asking() -> Iterator[None]:
    """A language in which everything is asked."""
    before = texts._translator
    install_translator(lambda msgid, context: f"{context}{msgid}?")
    yield
    install_translator(before)


@pytest.mark.usefixtures("asking")
def test_a_text_is_translated_when_it_is_shown() -> None:
    assert str(mark("parish")) == f"{mark('parish')}" == translate("parish") == "parish?"
    assert str(mark_in_context("instance ", "active")) == "instance active?"
    assert mark("%(count)s parishes") % {"count": 3} == "3 parishes?"


def test_marking_keeps_the_msgid() -> None:
    assert mark("parish") == Text("parish") != mark_in_context("place", "parish")
    assert mark("parish").msgid == "parish"


def test_one_text_is_in_the_language_of_each_moment() -> None:
    text = INSTANCE_STATES[InstanceState.ACTIVE.value]
    with translation.override("fr"):
        assert str(text) == "active"
        assert str(INSTANCE_STATES["suspended"]) == "suspendue"
    with translation.override("en"):
        assert str(INSTANCE_STATES["suspended"]) == "suspended"


def test_the_vocabulary_works_where_django_is_not_installed() -> None:
    program = (
        "import sys; sys.modules['django'] = None\n"
        "from domain.errors import InvalidValue; from domain.names import parse_slug; from domain.words import word\n"
        "import domain.finding_texts, domain.parameters, domain.values\n"
        "try:\n    parse_slug('')\nexcept InvalidValue as error:\n    print(error)\n"
        "print(word('state', 'active'))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["slug: give the sub-domain, e.g. saint-paul.", "active"]
