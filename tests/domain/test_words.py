"""Codes are worded when they are shown, whatever the language, and never hide what they do not know."""

import pytest
from django.utils import translation

from domain.errors import render_error
from domain.specs import ComponentPhase, JobProgram
from domain.states import InstanceState, OperationState, StepState
from domain.words import WORDS, add_words, word, word_params, word_progress


@pytest.mark.parametrize("states", [InstanceState, OperationState, StepState])
def test_every_state_has_a_word(states: type[InstanceState]) -> None:
    assert [state for state in states if state.value not in WORDS["state"]] == []


def test_every_phase_has_a_word_and_every_program_that_runs_as_a_step() -> None:
    assert set(WORDS["phase"]) == {phase.value for phase in ComponentPhase}
    assert {program.value for program in JobProgram} - {"cron"} == set(WORDS["program"])


def test_a_refusal_is_in_one_language() -> None:
    params = {"instance": "saint-paul", "state": "new", "kind": "backup", "allowed": "provision, delete"}
    with translation.override("fr"):
        message, hint = render_error("state_forbids", params)
        found = render_error("not_found", {"what": "tenant", "name": "x"})[0]
    assert "« nouvelle »" in message.replace("\xa0", " ") and "« sauvegarde »" in message.replace("\xa0", " ")
    assert hint.endswith("installation, suppression.")
    assert "paroisse" in found and "tenant" not in found
    assert params["state"] == "new", "what is stored stays a code"


def test_what_has_no_word_is_its_own() -> None:
    assert (word("state", "odd"), word("no such", 3), word("program", "mariadbd")) == ("odd", "3", "mariadbd")
    assert word_params({"allowed": "-", "rows": 3}) == {"allowed": "-", "rows": 3}


def test_a_program_s_code_gets_its_meaning_and_advice_and_an_unknown_one_keeps_the_program_s() -> None:
    with translation.override("fr"):
        known = word_params({"code": "no_space", "message": "no space left", "hint": "free space"})
        unknown = word_params({"code": "odd", "hint": "look"})
    assert "assez de place" in known["cause"] and "agrandissez" in known["hint"]
    assert (unknown["cause"], unknown["hint"]) == ("odd", "look")


def test_a_higher_layer_may_add_its_words() -> None:
    add_words("test_only", {"a": "the first"})
    assert (word("test_only", "a"), word("test_only", "b")) == ("the first", "b")
    del WORDS["test_only"]


def test_progress_is_worded_where_it_is_known() -> None:
    with translation.override("fr"):
        assert word_progress("checking civicrm.sql.gz") == "vérification de civicrm.sql.gz"
        assert word_progress("reading back a.tar") == "relecture de a.tar"
        assert word_progress("not started") == "pas démarré"
    assert word_progress("pid 12, 127.0.0.1:3306") == "pid 12, 127.0.0.1:3306"
    assert word_progress("") == ""


def test_why_a_server_did_not_answer_is_said_in_the_reader_s_language() -> None:
    with translation.override("fr"):
        assert word("detail", "no connection") == "pas de connexion"
        assert word("detail", "list pods: no answer in time") == "list pods: pas de réponse à temps"
        assert word("detail", "Pod x: it is full") == "Pod x: it is full"


def test_what_a_program_names_is_told_in_the_language_of_who_reads() -> None:
    said = {"message": "the account exploitant may not read …", "hint": "grant"}
    params = {
        "code": "hidden_routine",
        "user": "exploitant",
        "routines": "PROCEDURE civicrm.p (root@localhost)",
        **said,
    }
    with translation.override("fr"):
        message = word_params(params)["message"]
        assert "PROCEDURE civicrm.p (root@localhost)" in message and "ne peut pas lire" in message
        # Of a program of before, without these names.
        assert word_params({"code": "hidden_routine", **said})["message"] == said["message"]
