"""A campaign as it is typed."""

from argparse import ArgumentParser
from typing import Any

import pytest

from campaigns.command_options import add_draft_options, read_draft_options
from domain.errors import InvalidValue


def read(*words: str) -> dict[str, Any]:
    parser = ArgumentParser()
    add_draft_options(parser)
    return read_draft_options(vars(parser.parse_args(["--name", "x", *words])))


def test_everything_that_can_be_typed() -> None:
    document = read(
        *("--kind", "enlarge_backups", "--set", "gibibytes=20"),
        *(
            "--select",
            "kinds=production",
            "--select",
            "slugs=a, b",
            "--select",
            "slugs=c",
            "--select",
            "volunteers=true",
        ),
        *("--order", "by_name", "--waves", "1,5,rest", "--at-once", "3", "--time-zone", "Indian/Reunion"),
        *("--window", "22:00-05:00", "--window", "12:00-13:00@sat,sun"),
        *("--without", "sun", "--without", "12-24..12-26", "--stop-after", "never", "--stop-share", "10"),
        *("--notes", "first the small ones", "--notes-read"),
    )
    assert document == {
        "name": "x",
        "kind": "enlarge_backups",
        "parameters": {"gibibytes": 20},
        "selection": {"kinds": ["production"], "slugs": ["a", "b", "c"], "volunteers": True},
        "order": "by_name",
        "waves": [{"size": 1}, {"size": 5}, {"size": None}],
        "limit_per_cluster": 3,
        "time_zone": "Indian/Reunion",
        "windows": [{"from": "22:00", "to": "05:00"}, {"from": "12:00", "to": "13:00", "days": ["sat", "sun"]}],
        "blackout": {"weekdays": ["sun"], "dates": ["12-24..12-26"]},
        "stop_after_failures": None,
        "stop_share_percent": 10,
        "notes": "first the small ones",
        "notes_read": True,
    }


def test_what_is_not_typed_has_the_default_of_the_draft() -> None:
    document = read("--kind", "backup")
    assert document["selection"] == document["blackout"] == document["parameters"] == {}
    assert not {"waves", "order", "limit_per_cluster", "stop_after_failures", "time_zone"} & set(document)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--set", "release"), "parameters"),
        (("--select", "=x"), "selection"),
        (("--select", "volunteers=yes"), "selection"),
        (("--waves", "1,many"), "waves"),
        (("--stop-after", "-1"), "stop_after_failures"),
        (("--stop-share", "²"), "stop_share_percent"),
    ],
)
def test_a_slip_is_refused_by_its_field(words: tuple[str, ...], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read("--kind", "backup", *words)
    assert refused.value.params["field"] == field
