"""backup_browse."""

from backups.management.commands.backup_browse import Command, format_entry

TABLE = {"within": "civicrm", "name": "civicrm_contact", "kind": "table", "rows": 12}
FILE = {"within": "sites", "name": "d/é", "kind": "file", "bytes": 5, "at": 0, "mode": "0640"}


def test_a_table_and_a_file_are_a_line_each() -> None:
    assert format_entry(TABLE).split() == ["12", "table", "civicrm.civicrm_contact"]
    assert format_entry({**TABLE, "kind": "view", "rows": None}).split()[0] == "-"
    assert format_entry(FILE).split() == ["5", "1970-01-01", "00:00", "0640", "file", "sites/d/é"]
    assert format_entry({**FILE, "kind": "symlink", "link": "x"}).endswith("sites/d/é -> x")


def test_a_page_says_how_to_go_on() -> None:
    answer = {"state": "succeeded", "result": {"entries": [TABLE, FILE], "next": 7}}
    lines = Command().format_answer(answer).splitlines()
    assert len(lines) == 3 and "--after 7" in lines[2]
    empty = Command().format_answer({"state": "succeeded", "result": {"entries": [], "next": None}})
    assert empty and "--after" not in empty
