"""programs.databases.views: a view after those that it names."""

import random

from programs.databases.views import ViewParts, group_views, run_views, sort_views
from programs.run.failures import ProgramError
from programs.sql.judge import Verdict
from programs.sql.settings import START
from programs.sql.statements import Part


def make_part(kind: str, name: str, text: str = "") -> Part:
    return Part(text.encode(), Verdict(kind, name), 2, 1, dict(START))


def test_views_are_grouped_with_what_is_run_before_them() -> None:
    drop, create = make_part("DROP VIEW", "a"), make_part("CREATE VIEW", "a", "CREATE VIEW `a` AS select 1 from `b`")
    other = make_part("CREATE VIEW", "b", "CREATE VIEW `b` AS select 1 from `x`.`a`")
    groups = group_views({"x": [drop, create], "y": [other]})
    assert [(group.database, group.name, len(group.parts)) for group in groups] == [("x", "a", 2), ("y", "b", 1)]


def test_any_order_becomes_one_in_which_each_is_after_its_needs() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        names = [("d", str(number)) for number in range(chance.randrange(1, 12))]
        needs = {name: {other for other in names[:place] if chance.random() < 0.3} for place, name in enumerate(names)}
        groups = [ViewParts(*name, [], needs[name] | {("d", "no view")}) for name in names]
        chance.shuffle(groups)
        order = [(group.database, group.name) for group in sort_views(groups)]
        assert sorted(order) == sorted(names)
        assert all(order.index(need) < order.index(name) for name in names for need in needs[name])


def test_views_that_seem_to_need_each_other_are_all_there() -> None:
    groups = [ViewParts("d", "a", [], {("d", "b"), ("d", "a")}), ViewParts("d", "b", [], {("d", "a")})]
    assert {group.name for group in sort_views(groups)} == {"a", "b"}


def test_what_is_refused_is_tried_again_as_long_as_that_helps() -> None:
    done: list[str] = []

    def run(group: ViewParts) -> None:
        if group.name == "never" or (group.name == "first" and "second" not in done):
            raise ProgramError("database_failed", "not yet")
        done.append(group.name)

    groups = [ViewParts("d", name, []) for name in ("first", "never", "second")]
    assert [group.name for group, _ in run_views(groups, run)] == ["never"]
    assert done == ["second", "first"]
