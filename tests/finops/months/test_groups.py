"""Every line of a bill belongs to one part of it."""

import pytest

from finops.months.groups import Group, find_group
from finops.prices.pricing import CostKind


@pytest.mark.parametrize(
    ("kind", "component", "group"),
    [
        (CostKind.CPU, "db", Group.DATABASE),
        (CostKind.MEMORY, "httpd", Group.WEB),
        (CostKind.CPU, "cron", Group.RUNS),
        (CostKind.MEMORY, "restore", Group.RUNS),
        (CostKind.STORAGE, "db", Group.VOLUMES),
        (CostKind.BACKUP, "", Group.BACKUPS),
        (CostKind.SHARED, "ingress", Group.SHARED),
        (CostKind.OVERHEAD, "ingress", Group.SHARED),
        (CostKind.IDLE, "cpu", Group.IDLE),
    ],
)
def test_a_line_belongs_to_its_part(kind: CostKind, component: str, group: Group) -> None:
    assert find_group(kind.value, component) is group


@pytest.mark.parametrize("kind", CostKind)
def test_no_kind_is_left_without_a_part(kind: CostKind) -> None:
    assert find_group(kind.value, "anything") in Group
