"""Charts as geometry for SVG templates. Pure: values in, coordinates out, already written as SVG reads numbers.

Drawn on the server: no script, so it works under a strict policy, in print and in a mail, and a screen reader finds
every value in its title.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

# Units of the view box; the picture itself is as wide as its card.
WIDTH, HEIGHT = 960, 300
LEFT, RIGHT, TOP, BOTTOM = 74, 8, 22, 46
BAR_SHARE = 0.58
FEWEST_BARS = 6  # two months alone are not two walls
TICKS = 4
STEPS = tuple(map(Decimal, ("1", "1.2", "1.6", "2", "2.4", "3", "4", "5", "6", "8", "10")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One component of every bar. `values`: one per label, none negative."""

    name: str
    values: Sequence[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at a label. `symbol`: its letter on the chart; `text`: what, for people."""

    symbol: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle. `colour`: number of its series; `title`: what it is and its value."""

    x: str
    y: str
    width: str
    height: str
    colour: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartText:
    """A text at a point; `title`: more of it when pointed at."""

    x: str
    y: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedChart:
    """What the template draws. `legend`: (number of the colour, name, total) of the series that are not empty."""

    view_box: str
    left: str
    right: str
    boxes: tuple[Box, ...]
    totals: tuple[ChartText, ...]
    labels: tuple[ChartText, ...]
    ticks: tuple[ChartText, ...]
    marks: tuple[ChartText, ...]
    legend: tuple[tuple[int, str, str], ...]


def make_stacked_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    write: Callable[[Decimal], str],
    marks: Mapping[int, Sequence[Mark]] | None = None,
) -> StackedChart:
    """Return bars of stacked series, one per label; `marks`: by the label's index. Empty without a label."""
    sums = [sum((bars.values[index] for bars in series), Decimal(0)) for index in range(len(labels))]
    top = find_scale(max(sums, default=Decimal(0)))
    slot = Decimal(WIDTH - LEFT - RIGHT) / max(len(labels), FEWEST_BARS)
    width = slot * Decimal(str(BAR_SHARE))
    boxes: list[Box] = []
    totals: list[ChartText] = []
    for index, label in enumerate(labels):
        x = LEFT + slot * index + (slot - width) / 2
        below = Decimal(0)
        for colour, bars in enumerate(series):
            value = bars.values[index]
            if value > 0:
                y, foot = _rise(below + value, top), _rise(below, top)
                title = f"{label} – {bars.name} : {write(value)}"
                boxes.append(_make_box(x, y, width, foot - y, colour=colour, title=title))
                below += value
        if sums[index]:
            totals.append(ChartText(x=_write(x + width / 2), y=_write(_rise(below, top) - 6), text=write(sums[index])))
    middles = [LEFT + slot * index + slot / 2 for index in range(len(labels))]
    return StackedChart(
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        left=str(LEFT),
        right=str(WIDTH - RIGHT),
        boxes=tuple(boxes),
        totals=tuple(totals),
        labels=tuple(
            ChartText(x=_write(x), y=str(HEIGHT - BOTTOM + 18), text=label)
            for x, label in zip(middles, labels, strict=True)
        ),
        ticks=tuple(
            ChartText(x=str(LEFT - 8), y=_write(_rise(top * step / TICKS, top)), text=write(top * step / TICKS))
            for step in range(TICKS + 1)
        ),
        marks=tuple(_place_mark(middles[index], here) for index, here in sorted((marks or {}).items()) if here),
        legend=tuple(
            (colour, bars.name, write(sum(bars.values, Decimal(0))))
            for colour, bars in enumerate(series)
            if any(bars.values)
        ),
    )


def find_scale(highest: Decimal) -> Decimal:
    """Return the top of the axis: the first round number not below `highest` whose quarters are round too."""
    if highest <= 0:
        return Decimal(1)
    power = Decimal(10) ** highest.adjusted()
    return next(step * power for step in STEPS if step * power >= highest)


def _rise(value: Decimal, top: Decimal) -> Decimal:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _place_mark(x: Decimal, marks: Sequence[Mark]) -> ChartText:
    symbols = "".join(dict.fromkeys(mark.symbol for mark in marks))
    return ChartText(x=_write(x), y=str(HEIGHT - 8), text=symbols, title="\n".join(mark.text for mark in marks))


def _make_box(x: Decimal, y: Decimal, width: Decimal, height: Decimal, *, colour: int, title: str) -> Box:
    return Box(x=_write(x), y=_write(y), width=_write(width), height=_write(height), colour=colour, title=title)


def _write(value: Decimal) -> str:
    """Return a coordinate with a dot, whatever the language of the page."""
    return f"{value:.1f}"
