"""No English where people read French: pages with data, errors, words, the help and the refusals of commands."""

import argparse
import io
from contextlib import redirect_stderr
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from domain.error_texts import TEXTS
from domain.finding_texts import TEXTS as FINDINGS
from domain.journal_texts import ENTRIES
from domain.program_texts import ADVICE, CAUSES, PROGRESS, PROGRESS_OF
from domain.words import MESSAGES, WORDS
from operations.registry import list_kinds
from tests.console.filled import crawl, fill_manager
from tests.french import find_english, list_page_texts
from tests.gates.source import ROOT
from tests.people import make_client

# What the rows of the test are called, and what has the same name in every language: identifiers that are typed.
GIVEN = {"default", "all", "backup", "critical", "init", "latest", "test", "private"}
# By what a campaign selects, as it is typed.
GIVEN |= {"states", "releases", "volunteers"}
NO_PAGES = ("/admin/login/", "/nowhere/")
OWN_APPS = {app.partition(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.partition(".")[0]).is_dir()}


def list_wrong(texts: Any) -> list[str]:
    """Return the texts with English words, each with them."""
    found = {text: [word for word in find_english(text) if word not in GIVEN] for text in texts}
    return [f"{text[:160]!r}: {words}" for text, words in found.items() if words]


@pytest.mark.django_db
@pytest.mark.usefixtures("defaults", "engine")
def test_no_page_has_an_english_word(db: None) -> None:  # noqa: ARG001
    fill_manager()
    wrong: dict[str, str] = {}
    pages = 0
    for address, page in crawl(make_client(name="anne", superuser=True), of_each_name=2):
        pages += 1
        for line in list_wrong(list_page_texts(page)):
            wrong.setdefault(line, address)
    assert wrong == {}
    assert pages > 100


@pytest.mark.django_db
@pytest.mark.parametrize("address", NO_PAGES)
def test_no_page_before_the_sign_in_has_an_english_word(address: str) -> None:
    client = Client(raise_request_exception=False, HTTP_ACCEPT_LANGUAGE="fr")
    for answer in (client.get(address), client.post(address, {"username": "anne", "password": "x"})):
        assert list_wrong(list_page_texts(answer.content.decode())) == []


def list_told() -> list[Any]:
    """Return every text of the vocabulary, of errors, findings, programs, kinds and the journal."""
    told = [part for text in (*TEXTS.values(), *FINDINGS.values()) for part in (text.message, text.hint)]
    told += [text for words in WORDS.values() for text in words.values()]
    told += [
        *CAUSES.values(),
        *ADVICE.values(),
        *PROGRESS.values(),
        *PROGRESS_OF.values(),
        *MESSAGES.values(),
        *ENTRIES,
    ]
    for kind in list_kinds():
        told += [kind.label, kind.page_label, kind.button_label, gettext(kind.summary)]
        told += [step.label for step in kind.steps] + [parameter.label for parameter in kind.list_offered()]
    return told


def test_no_error_and_no_word_is_english() -> None:
    with translation.override("fr"):
        texts = {str(text) for text in list_told()}
    assert len(texts) > 700
    assert list_wrong(texts) == []


def list_own_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in OWN_APPS)


def list_helps(parser: argparse.ArgumentParser) -> list[str]:
    """Return all that a help says for people: what the command does, and each of its arguments."""
    told = [parser.description or "", *(group.title or "" for group in parser._action_groups)]
    for action in parser._actions:
        told += [action.help or ""] if action.help is not argparse.SUPPRESS else []
        if isinstance(action, argparse._SubParsersAction):
            told += [kind.help or "" for kind in action._choices_actions]
            told += [text for below in action.choices.values() for text in list_helps(below)]
    return told


@pytest.mark.parametrize("name", list_own_commands())
def test_no_command_s_help_has_an_english_word(name: str) -> None:
    with translation.override("fr"):
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert parser.description
        assert list_wrong(list_helps(parser)) == []
        assert "usage :" in parser.format_help().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["operation_show"], "il manque les arguments suivants : operation"),
        (["operation_list", "--limit", "x"], "argument --limit : donnez un nombre entier"),
        (["operation_list", "--kind", "x"], "choix invalide"),
        (["operation_list", "--nothing"], "arguments inconnus : --nothing"),
        (["backup_run", "--wait=1", "saint-paul"], "l’option ne prend pas de valeur"),
    ],
)
def test_a_wrong_command_line_is_told_in_french(arguments: list[str], said: str) -> None:
    stderr = io.StringIO()
    command = load_command_class(get_commands()[arguments[0]], arguments[0])
    with translation.override("fr"), redirect_stderr(stderr), pytest.raises(SystemExit):
        command.run_from_argv(["manage.py", *arguments])
    text = stderr.getvalue().replace("\u00a0", " ")
    assert said in text and "usage :" in text
    assert " error" not in text
