"""A chart's bars stand on its axis, as high as their values, and every value can be read."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.pages.charts import BOTTOM, HEIGHT, TOP, Mark, Series, find_scale, make_stacked_chart

FOOT, HEAD = HEIGHT - BOTTOM, TOP


def write(value: Decimal) -> str:
    return f"{value:.2f} €"


def test_bars_are_stacked_to_the_height_of_their_sum() -> None:
    chart = make_stacked_chart(
        ["janv.", "févr."],
        [
            Series(name="CPU", values=[Decimal(30), Decimal(0)]),
            Series(name="Volumes", values=[Decimal(20), Decimal(50)]),
        ],
        write=write,
    )
    first, second, third = chart.boxes
    assert Decimal(first.y) + Decimal(first.height) == FOOT
    assert Decimal(second.y) + Decimal(second.height) == Decimal(first.y)
    assert Decimal(second.y) == Decimal(third.y) == HEAD, "50 is the scale's top"
    assert (first.title, third.colour) == ("janv. – CPU : 30.00 €", 1)
    assert [place.text for place in chart.totals] == ["50.00 €", "50.00 €"]
    assert chart.legend == ((0, "CPU", "30.00 €"), (1, "Volumes", "70.00 €"))


def test_changes_are_marked_under_their_month() -> None:
    marks = {1: [Mark(symbol="▲", text="Saint-Paul agrandie"), Mark(symbol="€", text="Nouveaux prix")], 0: []}
    chart = make_stacked_chart(["a", "b"], [Series(name="x", values=[Decimal(1)] * 2)], write=write, marks=marks)
    assert [(place.text, place.title) for place in chart.marks] == [("▲€", "Saint-Paul agrandie\nNouveaux prix")]
    assert chart.marks[0].x == chart.labels[1].x


def test_nothing_to_draw_is_an_empty_chart() -> None:
    chart = make_stacked_chart([], [Series(name="x", values=[])], write=write)
    assert (chart.boxes, chart.labels, chart.legend) == ((), (), ())
    assert len(chart.ticks) == 5


@pytest.mark.parametrize(
    ("highest", "top"),
    [("0", "1"), ("1", "1"), ("1.01", "1.2"), ("2.1", "2.4"), ("289", "300"), ("81", "100"), ("0.0031", "0.004")],
)
def test_the_scale_ends_at_a_round_number(highest: str, top: str) -> None:
    assert find_scale(Decimal(highest)) == Decimal(top)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.decimals(0, 10**7, places=2), st.decimals(0, 10**7, places=2)), min_size=1, max_size=12))
def test_every_bar_stays_inside_the_picture(values: list[tuple[Decimal, Decimal]]) -> None:
    chart = make_stacked_chart(
        [str(index) for index in range(len(values))],
        [
            Series(name="a", values=[first for first, _second in values]),
            Series(name="b", values=[second for _first, second in values]),
        ],
        write=write,
    )
    for box in chart.boxes:
        assert Decimal(box.y) >= HEAD - 1
        assert Decimal(box.y) + Decimal(box.height) <= FOOT + 1
        assert "," not in box.y + box.x + box.width + box.height
