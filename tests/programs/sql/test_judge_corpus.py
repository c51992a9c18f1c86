"""The judge lets through all that a real server dumps of some hundred objects of every form, and they come back."""

import io

import pymysql
import pytest

from programs.run.failures import ProgramError
from programs.sql.statements import judge_statements
from tests.programs.forgery import read_plain
from tests.programs.sql.corpus import list_statements
from tests.programs.workspace import Workspace

LEAST = 230  # of the statements, MariaDB 10.11 takes all but some that are of another version or of other columns


@pytest.mark.parametrize("trial", ["apart", "beside", "throwaway"])
def test_whatever_a_server_dumps_passes_and_comes_back(empty_workspace: Workspace, trial: str) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    taken, refused = 0, []
    for mode, statement in list_statements():
        try:
            databases.server.execute(f"SET sql_mode='{mode}'", statement, database="drupal")
            taken += 1
        except pymysql.Error as error:
            refused.append((statement, error))
    assert taken >= LEAST, (taken, refused)
    databases.server.execute(f"GRANT SELECT ON mysql.proc TO {databases.user}@'%'")
    made = empty_workspace.make_backup(SCOPE="database")
    refusals: list[ProgramError] = []
    judge_statements(io.BytesIO(read_plain(made, "drupal.sql.gz")), database="drupal", refusals=refusals)
    assert [error.message for error in refusals] == []
    if trial == "apart":  # what a restore tries before it drops anything, in databases of its own
        databases.server.execute(f"GRANT ALL ON `civiparoisse%`.* TO {databases.user}@'%'")
    elif trial == "throwaway":
        empty_workspace.give_administrator()
    outcome = empty_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
