"""Every line of a bill belongs to one part of it."""

import pytest

from finops.months.groups import Group, find_group
from finops.prices.pricing import Kind


@pytest.mark.parametrize(
    ("kind", "component", "group"),
    [
        (Kind.CPU, "db", Group.DATABASE),
        (Kind.MEMORY, "httpd", Group.WEB),
        (Kind.CPU, "cron", Group.RUNS),
        (Kind.MEMORY, "restore", Group.RUNS),
        (Kind.STORAGE, "db", Group.VOLUMES),
        (Kind.BACKUP, "", Group.BACKUPS),
        (Kind.SHARED, "ingress", Group.SHARED),
        (Kind.OVERHEAD, "ingress", Group.SHARED),
        (Kind.IDLE, "cpu", Group.IDLE),
    ],
)
def test_a_line_belongs_to_its_part(kind: Kind, component: str, group: Group) -> None:
    assert find_group(kind.value, component) is group


@pytest.mark.parametrize("kind", Kind)
def test_no_kind_is_left_without_a_part(kind: Kind) -> None:
    assert find_group(kind.value, "anything") in Group
