"""What a look into a set found, on its operation's page."""

import pytest
from django.template.loader import render_to_string

from console.backups.contents import make_contents
from domain.states import OperationState
from operations.models import Operation
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
FILE = {"within": "sites", "name": "default/a.txt", "kind": "file", "bytes": 5, "at": 0, "mode": "0640"}
DIRECTORY = {"within": "sites", "name": "default/<files>", "kind": "directory", "bytes": 0, "at": 0, "mode": "2770"}


def make_look(**result: object) -> Operation:
    found = {"backup_id": "b", "look": "files", "within": "sites", "below": "default", "search": "", "after": 0}
    return Operation.objects.create(
        kind="browse",
        state=OperationState.SUCCEEDED,
        instance=make_instance_row(),
        subject="saint-paul",
        result={**found, "entries": [FILE, DIRECTORY], "next": None, **result},
    )


def test_directories_lead_further_and_files_do_not() -> None:
    contents = make_contents(make_look())
    assert contents is not None
    file, directory = contents["rows"]
    assert file["open"] is None and file["name"] == "sites/default/a.txt"
    assert directory["open"].fields["below"] == "default/<files>"
    assert contents["up"].fields["below"] == "" and contents["more"] is None
    page = render_to_string("backups/contents.html", {"contents": contents})
    assert "default/&lt;files&gt;" in page and "<files>" not in page


def test_a_page_that_is_full_leads_to_the_next_one() -> None:
    contents = make_contents(make_look(next=7, look="tables", entries=[], within=""))
    assert contents is not None and contents["more"].fields["after"] == 7 and contents["up"] is None


def test_other_operations_show_none() -> None:
    look = make_look()
    look.state = OperationState.RUNNING
    assert make_contents(look) is None
    look.state, look.kind = OperationState.SUCCEEDED, "backup"
    assert make_contents(look) is None
