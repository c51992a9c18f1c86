"""Every kind of operation: the whole table of states, and what holds for all of them."""

from dataclasses import replace

import pytest
from django.conf import settings

from domain.errors import CiviparoisseError, NotFound
from domain.specs import InstanceKind
from domain.states import InstanceState, KindRule
from domain.words import WORDS
from operations.registry import get_kind, list_kinds, list_next_actions, register_kind, select_codes

NEW, ACTIVE, SUSPENDED = InstanceState.NEW, InstanceState.ACTIVE, InstanceState.SUSPENDED
FAILED, DELETED = InstanceState.FAILED, InstanceState.DELETED
RUNS = frozenset({ACTIVE, SUSPENDED, FAILED})
# Code -> from which states, meanwhile, afterwards, after a failure that was not undone.
RULES = {
    "provision": KindRule(frozenset({NEW, FAILED, DELETED}), InstanceState.PROVISIONING, ACTIVE, FAILED),
    "suspend": KindRule(frozenset({ACTIVE, FAILED}), InstanceState.SUSPENDING, SUSPENDED, FAILED),
    "resume": KindRule(RUNS, InstanceState.RESUMING, ACTIVE, FAILED),
    "backup": KindRule(RUNS, None, None, None),
    "verify": KindRule(RUNS, None, None, None),
    "browse": KindRule(RUNS, None, None, None),
    "prove": KindRule(RUNS, None, None, None),
    "restore": KindRule(RUNS, InstanceState.RESTORING, ACTIVE, FAILED),
    "resize": KindRule(frozenset({ACTIVE, SUSPENDED}), InstanceState.RESIZING, None, FAILED),
    "enlarge_backups": KindRule(frozenset({ACTIVE, SUSPENDED}), InstanceState.RESIZING, None, FAILED),
    "upgrade": KindRule(frozenset({ACTIVE, SUSPENDED}), InstanceState.UPGRADING, None, FAILED),
    "prune": KindRule(RUNS, None, None, None),
    "prune_copies": KindRule(RUNS | {DELETED}, None, None, None),
    "delete": KindRule(frozenset({NEW, ACTIVE, SUSPENDED, FAILED, DELETED}), InstanceState.DELETING, DELETED, FAILED),
    "tools": KindRule(frozenset({ACTIVE}), None, None, None),
    "renew": KindRule(frozenset({ACTIVE, FAILED}), None, None, None),
    "adopt": KindRule(frozenset({NEW, FAILED}), InstanceState.RESUMING, ACTIVE, FAILED),
    "remove_unowned": KindRule(frozenset(), None, None, None),
}
ACTIONS = {
    NEW: ("provision", "delete", "adopt"),
    ACTIVE: (
        *(
            "suspend",
            "resume",
            "renew",
            "backup",
            "verify",
            "browse",
            "prove",
            "restore",
            "resize",
            "enlarge_backups",
            "upgrade",
            "prune",
            "prune_copies",
            "tools",
        ),
        "delete",
    ),
    SUSPENDED: (
        *("resume", "backup", "verify", "browse", "prove", "restore", "resize", "enlarge_backups"),
        *("upgrade", "prune", "prune_copies"),
        "delete",
    ),
    FAILED: (
        *("provision", "suspend", "resume", "renew", "backup", "verify", "browse", "prove", "restore"),
        *("prune", "prune_copies"),
        "delete",
        "adopt",
    ),
    DELETED: ("provision", "prune_copies", "delete"),
}


def test_the_whole_table_of_states() -> None:
    assert {kind.code: kind.rule for kind in list_kinds()} == RULES


@pytest.mark.parametrize("state", InstanceState)
def test_what_can_be_asked_in_each_state_in_the_order_that_people_are_shown(state: InstanceState) -> None:
    assert tuple(kind.code for kind in list_next_actions(state)) == ACTIONS.get(state, ())


def test_only_production_is_proven() -> None:
    for kind in InstanceKind:
        offered = {action.code for action in list_next_actions(ACTIVE, kind)}
        assert ("prove" in offered) is (kind is InstanceKind.PRODUCTION) and "backup" in offered


def test_every_state_can_be_reached() -> None:
    reached = {NEW}
    for kind in list_kinds():
        reached |= {state for state in (kind.rule.during, kind.rule.on_success, kind.rule.on_failure) if state}
    assert reached == set(InstanceState)


def test_what_others_need_to_know_of_each_kind() -> None:
    assert select_codes(lambda kind: kind.applies_plan) == (
        "provision",
        "resume",
        "renew",
        "restore",
        "resize",
        "enlarge_backups",
        "upgrade",
        "adopt",
    )
    assert select_codes(lambda kind: kind.keeps_state) == (
        "renew",
        "backup",
        "verify",
        "browse",
        "prove",
        "resize",
        "enlarge_backups",
        "upgrade",
        "prune",
        "prune_copies",
        "tools",
        "remove_unowned",
    )
    assert select_codes(lambda kind: kind.reads_only) == ("verify", "browse", "prove", "prune_copies")
    assert select_codes(lambda kind: kind.awakens) == ("provision", "resume", "adopt")
    assert select_codes(lambda kind: kind.holds_backups) == ("restore", "resize", "upgrade")
    assert select_codes(lambda kind: kind.is_destructive) == (
        *("restore", "prune", "prune_copies", "delete", "adopt"),
        "remove_unowned",
    )
    assert {kind.code: kind.servers for kind in list_kinds() if kind.servers} == {
        "provision": "started",
        "resume": "started",
        "adopt": "started",
        "suspend": "stopped",
        "delete": "stopped",
        "resize": "resized",
    }
    stopping = {(kind.code, step.name) for kind in list_kinds() for step in kind.steps if step.stops_servers}
    assert stopping == {("suspend", "stop"), ("delete", "stop")}
    starting = {(kind.code, step.name, step.starts) for kind in list_kinds() for step in kind.steps if step.starts}
    assert starting == {
        ("provision", "start_database", "db"),
        ("provision", "start_site", "httpd"),
        ("adopt", "start_site", "httpd"),
    }


def test_each_state_at_rest_has_one_kind_that_is_expected_but_the_failed_one() -> None:
    expected = {state: [kind.code for kind in list_kinds() if state in kind.expected_in] for state in ACTIONS}
    assert expected == {
        NEW: ["provision"],
        ACTIVE: ["backup"],
        SUSPENDED: ["resume"],
        FAILED: [],
        DELETED: ["provision"],
    }


def test_names_of_steps_are_unique_in_their_kind_fit_their_column_and_have_words() -> None:
    for kind in list_kinds():
        names = [step.name for step in kind.steps]
        assert len(names) == len(set(names)), kind.code
        assert max(map(len, [kind.code, *names])) <= 40
        assert set(names) <= set(WORDS["step"])
        assert WORDS["kind"][kind.code] == WORDS["allowed"][kind.code] == kind.label


def test_codes_and_addresses_are_unique() -> None:
    assert len({kind.path for kind in list_kinds()}) == len(list_kinds())


def test_every_deadline_is_a_setting_in_seconds() -> None:
    for kind in list_kinds():
        for step in kind.steps:
            assert step.deadline_setting.endswith("_SECONDS")
            assert getattr(settings, step.deadline_setting) > 0


def test_a_kind_that_nobody_declared_is_not_found_and_no_code_is_given_twice() -> None:
    with pytest.raises(NotFound):
        get_kind("dance")
    resume = get_kind("resume")
    register_kind(resume)
    with pytest.raises(ValueError, match="resume"):
        register_kind(replace(resume))


def test_the_texts_of_a_kind_s_own_errors_come_in_with_it() -> None:
    assert {"restore_rolled_back", "upgrade_rolled_back", "resize_rolled_back", "proof_failed"} <= {
        code for kind in list_kinds() for code in kind.error_texts
    }
    error = CiviparoisseError("restore_unconfirmed", instance="saint-paul")
    assert "saint-paul" in error.message and "--confirm saint-paul" in error.hint
