"""What people know of an instance is counted at a backup and now, by an account that only reads; no row is told."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from programs.figures import count_tree_files
from programs.run.data_sets import TreeDeclaration, Trees
from programs.run.figures import Since
from programs.sets.state import read_set_figures
from tests.programs.civicrm_tables import (
    CIVICRM,
    CIVICRM_ROWS,
    CODES,
    COUNTED,
    DRUPAL,
    DRUPAL_ROWS,
    FIGURES,
)
from tests.programs.workspace import Outcome, Workspace

READER = "civiparoisse_reader"


def fill(workspace: Workspace) -> None:
    """Give the databases the tables and rows."""
    assert workspace.databases is not None
    server = workspace.databases.server
    server.execute(*CIVICRM, *CIVICRM_ROWS, database="civicrm")
    server.execute(*DRUPAL, *DRUPAL_ROWS, database="drupal")


@pytest.fixture
def site(empty_workspace: Workspace) -> Workspace:
    """A small site whose figures are COUNTED, and three files."""
    fill(empty_workspace)
    (empty_workspace.files / "default").mkdir()
    (empty_workspace.files / "default" / "letter.txt").write_text("Anne Secret")
    (empty_workspace.files / "logo.png").write_bytes(b"\x89PNG")
    (empty_workspace.private / "receipt.pdf").write_bytes(b"%PDF")
    return empty_workspace


def count(workspace: Workspace, **changes: str) -> dict[str, Any]:
    """Count what is there now."""
    outcome = workspace.run("figures", FIGURES=FIGURES, **changes)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    figures: dict[str, Any] = outcome.result["figures"]
    return figures


def back_up(workspace: Workspace, **changes: str) -> Outcome:
    """Make a good backup."""
    outcome = workspace.run("backup", BACKUP_ID="20261121T080000Z-5f3a9c", **{"FIGURES": FIGURES, **changes})
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return outcome


def make_since(figures: dict[str, Any]) -> str:
    """The other side, as the manager tells it."""
    last = {code: one["last"] for code, one in figures["counts"].items() if "last" in one}
    return json.dumps({"at": figures["at"], "last": last})


def get_counts(figures: dict[str, Any]) -> dict[str, int]:
    return {code: one["count"] for code, one in figures["counts"].items()}


def test_a_backup_and_a_look_count_the_same(site: Workspace) -> None:
    before = int(time.time())
    outcome = back_up(site)
    told = outcome.result
    assert told is not None
    assert get_counts(told["figures"]) == {**COUNTED, "files": 3}
    assert told["figures"]["counts"]["contributions"]["cents"] == 12_015
    assert told["figures"]["counts"]["contributions"]["last"] == 5
    assert told["figures"]["counts"]["users"]["newest"] == 1_700_000_500
    assert before <= told["figures"]["at"] <= time.time() + 1
    looked = site.run("figures", FIGURES=FIGURES, SINCE=make_since(told["figures"]))
    assert looked.result is not None
    for text in (outcome.stdout, outcome.stderr, json.dumps(told), looked.stdout, looked.stderr, str(looked.result)):
        assert "Secret" not in text and "admin" not in text, "no word of the data is told"
    now = looked.result["figures"]
    assert get_counts(now) == {**COUNTED, "files": 3}
    assert {one.get("entered", 0) for one in now["counts"].values()} == {0}
    assert not {name for one in now["counts"].values() for name in one} - {
        "count", "last", "cents", "newest", "entered", "entered_cents", "changed",
    }  # fmt: skip


def test_what_was_entered_and_changed_since_is_counted(site: Workspace) -> None:
    assert site.databases is not None
    then = count(site)
    site.databases.server.execute(
        "INSERT INTO civicrm_contribution (total_amount) VALUES (12.34), (-2)",
        "INSERT INTO civicrm_contribution (total_amount, is_test) VALUES (500, 1)",
        "DELETE FROM civicrm_contribution WHERE id = 1",
        f"UPDATE civicrm_contact SET display_name = 'x', modified_date = FROM_UNIXTIME({then['at'] + 5}) WHERE id < 3",
        "UPDATE civicrm_contact SET is_deleted = 1 WHERE id = 3",
        database="civicrm",
    )
    now = count(site, SINCE=make_since(then))["counts"]
    assert (now["contributions"]["count"], now["contributions"]["entered"]) == (3, 2)
    assert (now["contributions"]["cents"], now["contributions"]["entered_cents"]) == (3_039, 1_034)
    assert (now["contacts"]["count"], now["contacts"]["entered"], now["contacts"]["changed"]) == (2, 0, 2)
    assert now["contacts"]["newest"] == then["at"] + 5


def test_an_account_that_may_only_select_suffices(site: Workspace) -> None:
    assert site.databases is not None
    server = site.databases.server
    grants = [f"GRANT SELECT ON {name}.* TO '{READER}'@'%'" for name in site.databases.names]
    server.execute(f"CREATE USER '{READER}'@'%' IDENTIFIED BY 'read'", *grants)
    try:
        (site.home / "reader").write_text("read")
        counts = get_counts(count(site, DB_USER=READER, DB_PASSWORD_FILE=str(site.home / "reader")))
    finally:
        server.execute(f"DROP USER '{READER}'@'%'")
    assert counts == {**COUNTED, "files": 3}


def test_the_figures_are_in_the_set_under_its_signature(site: Workspace) -> None:
    (site.home / "state.json").write_text(json.dumps({"identifier": "saint-paul", "host": "h"}))
    told = back_up(site, DESIRED_STATE_FILE=str(site.home / "state.json")).result
    assert told is not None
    set_dir = site.backups / "20261121T080000Z-5f3a9c"
    state = json.loads((set_dir / "instance.json").read_text())
    assert state["identifier"] == "saint-paul" and state["figures"] == told["figures"]
    manifest = (set_dir / "manifest.json").read_text()
    assert "figures" not in manifest and json.loads(manifest)["format"] == 2
    verified = site.run("verify", SET_DIR=str(set_dir)).result
    assert verified is not None and verified["figures"] == told["figures"]
    again = back_up(site).result
    assert again is not None and again["figures"] == told["figures"], "the same backup tells the same"
    state["figures"]["counts"]["contacts"]["count"] = 1
    (set_dir / "instance.json").write_text(json.dumps(state, indent=1, sort_keys=True))
    assert site.run("verify", SET_DIR=str(set_dir)).error == "artifact_damaged"


@pytest.mark.parametrize(
    ("declared", "known"),
    [
        ("no document", set()),
        (
            '{"contacts": {"database": "civicrm", "table": "civicrm_contact", "key": "id", "where": "nothing = (1"},'
            ' "households": {"database": "civicrm", "table": "nothing_there", "key": "id"},'
            ' "activities": {"database": "civicrm", "table": "civicrm_activity", "key": "none"},'
            ' "users": {"database": "drupal", "table": "users_field_data", "key": "uid", "repeats": 1}}',
            {"users", "files"},
        ),
    ],
    ids=["no document", "a wrong condition, no table, no key"],
)
def test_a_backup_never_fails_for_what_it_counts(site: Workspace, declared: str, known: set[str]) -> None:
    told = back_up(site, FIGURES=declared).result
    assert told is not None
    set_dir = site.backups / "20261121T080000Z-5f3a9c"
    assert set(told.get("figures", {}).get("counts", {})) == known
    assert (read_set_figures(set_dir) is None) is (not known)
    assert site.run("verify", SET_DIR=str(set_dir)).code == 0


def test_figures_are_of_the_dumps_own_snapshot(site: Workspace) -> None:
    """Somebody enters contributions all the while: as many are counted as the dump holds."""
    assert site.databases is not None
    ended = threading.Event()
    server = site.databases.server

    def enter() -> None:
        with server.connect(database="civicrm") as connection, connection.cursor() as cursor:
            while not ended.is_set():
                cursor.execute("INSERT INTO civicrm_contribution (total_amount) VALUES (1)")

    writer = threading.Thread(target=enter)
    writer.start()
    try:
        told = back_up(site).result
    finally:
        ended.set()
        writer.join()
    assert told is not None
    manifest = json.loads((site.backups / "20261121T080000Z-5f3a9c" / "manifest.json").read_text())
    table = manifest["databases"]["civicrm"]["tables"]["civicrm_contribution"]
    is_shared = table["checksum"] is not None  # else the tables could not be locked together, and the set says so
    dumped, counted = table["rows"] - 3, told["figures"]["counts"]["contributions"]["count"]
    assert dumped == counted if is_shared else counted >= COUNTED["contributions"]
    assert counted > COUNTED["contributions"]


def test_a_table_that_somebody_alters_delays_no_backup(site: Workspace) -> None:
    """The look gives up on a table that it may not read, and the others are told."""
    assert site.databases is not None
    with site.databases.server.connect(database="civicrm") as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES civicrm_contribution WRITE")
        began = time.monotonic()
        counts = get_counts(count(site))
        cursor.execute("UNLOCK TABLES")
    assert "contributions" not in counts and counts["activities"] == COUNTED["activities"]
    assert time.monotonic() - began < 60


def test_the_account_is_not_let_in_or_the_server_is_away(site: Workspace) -> None:
    (site.home / "wrong").write_text("wrong")
    assert site.run("figures", FIGURES=FIGURES, DB_PASSWORD_FILE=str(site.home / "wrong")).error == "database_refused"
    assert site.run("figures", FIGURES=FIGURES, DB_PORT="1").error == "database_unreachable"
    assert site.run("figures", FIGURES="no document").error == "environment_invalid"
    assert site.run("figures", FIGURES=FIGURES, SINCE='{"at": -1}').error == "environment_invalid"


def test_the_largest_result_is_told_whole(site: Workspace) -> None:
    """A Kubernetes message holds 4096 bytes; what is longer is cut, and then nothing of it can be read."""
    assert site.databases is not None
    most = 4_294_967_295
    site.databases.server.execute(
        f"INSERT INTO civicrm_contribution (id, total_amount) VALUES ({most - 1}, {10**15})",
        f"INSERT INTO civicrm_contact (id) VALUES ({most - 1})",
        f"INSERT INTO civicrm_activity (id) VALUES ({most - 1})",
        database="civicrm",
    )
    told = back_up(site).result
    assert told is not None
    assert set(told["figures"]["counts"]) == {*CODES, "files"}
    since = {"at": 1, "last": {code: 1 for code in CODES}}
    assert set(count(site, SINCE=json.dumps(since))["counts"]) == {*CODES, "files"}
    assert len(json.dumps(told)) < 3_600


def make_trees(*roots: Path, left_out: tuple[str, ...] = ()) -> Trees:
    reasons = dict.fromkeys(left_out, "made again")
    return Trees(
        {
            f"tree{number}": TreeDeclaration(str(root), "required", "", "hot", reasons, "")
            for number, root in enumerate(roots)
        }
    )


def test_files_of_all_trees_are_one_figure(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for root in (first, second):
        root.mkdir()
        (root / "one").write_text("1")
        os.utime(root / "one", (1000, 1000))
    (second / "two").write_text("2")
    os.utime(second / "two", (3000, 3000))
    told = count_tree_files(make_trees(first, second), since=Since(at=2000, last={}))
    assert told == {"count": 3, "changed": 1, "newest": 3000}
    assert count_tree_files(make_trees(first, tmp_path / "gone"), since=None) is None
