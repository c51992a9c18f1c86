"""The rules of waves, of the limit and of stopping: each by itself, then a year of them by chance."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.scheduling import (
    Candidate,
    WaveCount,
    choose_next,
    find_current_wave,
    find_stop,
    has_ended,
    split_waves,
)
from campaigns.windows import Calendar, read_calendar
from domain.campaigns import PauseReason

NEVER = {"stop_after_failures": None, "stop_share_percent": None}
RULE = {"stop_after_failures": 3, "stop_share_percent": 20}


def test_a_wave_begins_when_the_one_before_has_ended() -> None:
    assert find_current_wave({0: WaveCount(waiting=1), 1: WaveCount(waiting=5)}) == 0
    assert find_current_wave({0: WaveCount(running=1), 1: WaveCount(waiting=5)}) is None
    assert find_current_wave({0: WaveCount(done=1), 1: WaveCount(waiting=4, running=1)}) == 1
    assert find_current_wave({0: WaveCount(failed=1, done=1), 1: WaveCount(waiting=5)}) == 1
    # One of the first that is tried again goes first again.
    assert find_current_wave({0: WaveCount(waiting=1), 1: WaveCount(running=2, waiting=1)}) == 0
    assert find_current_wave({0: WaveCount(done=1)}) is None and find_current_wave({}) is None


def test_it_has_ended_when_nothing_waits_or_runs() -> None:
    assert has_ended({0: WaveCount(done=1), 1: WaveCount(failed=2, accepted=1)})
    assert not has_ended({0: WaveCount(done=1, running=1)}) and not has_ended({0: WaveCount(waiting=1)})


def test_so_many_failures_stop_it() -> None:
    counts = {0: WaveCount(done=9, failed=1), 1: WaveCount(done=90, failed=1), 2: WaveCount(waiting=5)}
    assert find_stop(counts, **RULE) is None
    counts[1] = WaveCount(done=90, failed=2)
    assert find_stop(counts, **RULE) is PauseReason.FAILURES
    # Somebody went on in spite of them.
    counts[1] = WaveCount(done=90, accepted=2)
    assert find_stop(counts, **RULE) is None


def test_a_share_of_a_wave_stops_it_as_soon_as_it_cannot_end_well() -> None:
    share = {"stop_after_failures": None, "stop_share_percent": 20}
    assert find_stop({0: WaveCount(waiting=9, failed=1)}, **share) is None
    assert find_stop({0: WaveCount(waiting=8, failed=2)}, **share) is None
    assert find_stop({0: WaveCount(waiting=7, failed=3)}, **share) is PauseReason.SHARE


def test_a_wave_that_has_wholly_failed_stops_it_whatever_the_rule() -> None:
    assert find_stop({0: WaveCount(failed=1), 1: WaveCount(waiting=5)}, **NEVER) is PauseReason.WAVE
    assert find_stop({0: WaveCount(failed=1, done=1), 1: WaveCount(waiting=5)}, **NEVER) is None
    assert find_stop({0: WaveCount(failed=1, running=1), 1: WaveCount(waiting=5)}, **NEVER) is None
    assert find_stop({0: WaveCount(accepted=1), 1: WaveCount(waiting=5)}, **NEVER) is None


def test_with_nothing_left_to_begin_nothing_is_stopped() -> None:
    assert find_stop({0: WaveCount(failed=5, running=1)}, **RULE) is None


def test_the_next_are_chosen_in_their_order_within_the_limit_of_each_cluster() -> None:
    waiting = [Candidate(key=key, cluster="ab"[key % 2], lock=f"i{key}") for key in range(6)]
    chosen = choose_next(waiting, running=["a"], limit_per_cluster=2, busy=set())
    assert [candidate.key for candidate in chosen] == [0, 1, 3]
    chosen = choose_next(waiting, running=["a"], limit_per_cluster=2, busy={"i0", "i3"})
    assert [candidate.key for candidate in chosen] == [1, 2, 5]
    assert choose_next(waiting, running=["a", "a", "b", "b", "b"], limit_per_cluster=2, busy=set()) == []


def test_waves_take_so_many_and_the_rest() -> None:
    assert split_waves(4, (1, 2, None)) == [0, 1, 1, 2]
    assert split_waves(2, (1, 5, None)) == [0, 1]
    assert split_waves(5, (1, 2)) == [0, 1, 1, 1, 1]
    assert split_waves(0, (1, None)) == []


@dataclass
class Simulated:
    """One instance: how long its operation takes, whether it fails, and until when somebody else is at it."""

    wave: int
    cluster: str
    minutes: int
    fails: bool
    busy_until: datetime
    state: str = "waiting"
    began: datetime | None = None
    ends: datetime | None = None
    is_accepted: bool = False


@dataclass
class Year:
    """A campaign that a clock looks at every quarter of an hour, and a person who goes on a day after each stop."""

    members: list[Simulated]
    calendar: Calendar
    limit: int
    rule: dict[str, int | None]
    now: datetime
    is_paused_until: datetime | None = None
    stops: int = 0
    begun: list[int] = field(default_factory=list)

    def count(self) -> dict[int, WaveCount]:
        counts: dict[int, Counter[str]] = {}
        for member in self.members:
            name = "accepted" if member.state == "failed" and member.is_accepted else member.state
            counts.setdefault(member.wave, Counter())[name] += 1
        return {wave: WaveCount(**count) for wave, count in counts.items()}

    def look(self) -> None:
        for member in self.members:
            if member.state == "running" and member.ends is not None and member.ends <= self.now:
                member.state = "failed" if member.fails else "done"
        counts = self.count()
        if has_ended(counts):
            return
        if self.is_paused_until is not None:
            if self.now < self.is_paused_until:
                return
            self.is_paused_until = None
            for member in self.members:
                member.is_accepted = member.is_accepted or member.state == "failed"
            counts = self.count()
        if find_stop(counts, **self.rule) is not None:
            self.stops += 1
            self.is_paused_until = self.now + timedelta(days=1)
            return
        wave = find_current_wave(counts)
        if wave is not None and self.calendar.is_open(self.now):
            self.begin(wave)

    def begin(self, wave: int) -> None:
        waiting = [
            Candidate(key=key, cluster=member.cluster, lock=str(key))
            for key, member in enumerate(self.members)
            if member.state == "waiting" and member.wave == wave
        ]
        running = [member.cluster for member in self.members if member.state == "running"]
        busy = {str(key) for key, member in enumerate(self.members) if self.now < member.busy_until}
        for candidate in choose_next(waiting, running=running, limit_per_cluster=self.limit, busy=busy):
            member = self.members[candidate.key]
            assert member.state == "waiting" and not self.now < member.busy_until, (
                "each once, and only where it is free"
            )
            member.state, member.began = "running", self.now
            member.ends = self.now + timedelta(minutes=member.minutes)
            self.begun.append(candidate.key)

    def check(self) -> None:
        at_work = Counter(member.cluster for member in self.members if member.state == "running")
        assert max(at_work.values(), default=0) <= self.limit


BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=15)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_year_of_it_keeps_every_promise(data: st.DataObject) -> None:
    """Never above the limit, never outside the window, in order, no wave before the one before has ended, and to the
    end, whoever is busy, whatever fails."""
    sizes = [*data.draw(st.lists(st.integers(1, 6), max_size=3)), None]
    begin = BEGIN + data.draw(st.integers(0, 300)) * timedelta(days=1)
    waves = split_waves(data.draw(st.integers(1, 25)), sizes)
    members = [
        Simulated(
            wave=wave,
            cluster=data.draw(st.sampled_from("ab")),
            minutes=data.draw(st.integers(1, 600)),
            fails=data.draw(st.integers(0, 5)) == 0,
            busy_until=begin + timedelta(hours=data.draw(st.sampled_from([0, 0, 0, 5, 48]))),
        )
        for wave in waves
    ]
    calendar = read_calendar(
        windows=data.draw(
            st.sampled_from(
                [[], [{"from": "22:00", "to": "05:00"}], [{"from": "02:00", "to": "04:00", "days": ["mon"]}]]
            )
        ),
        blackout=data.draw(st.sampled_from([{}, {"weekdays": ["sun"]}, {"dates": ["12-24..12-26"]}])),
        time_zone="Europe/Paris",
    )
    rule = data.draw(st.sampled_from([NEVER, RULE, {"stop_after_failures": 1, "stop_share_percent": None}]))
    year = Year(members, calendar, limit=data.draw(st.integers(1, 4)), rule=dict(rule), now=begin)
    while not has_ended(year.count()):
        year.look()
        year.check()
        opening = calendar.find_next_opening(year.now + STEP)
        assert opening is not None
        is_at_work = any(member.state == "running" for member in members)
        year.now = year.now + STEP if is_at_work else opening
        assert year.now < begin + timedelta(days=366), "it ends within a year"
    assert sorted(year.begun) == list(range(len(members))), "each begins once"
    assert all(calendar.is_open(member.began) for member in members if member.began is not None)
    _check_order(year)


def _check_order(year: Year) -> None:
    for wave in {member.wave for member in year.members}:
        earlier = [member.ends for member in year.members if member.wave < wave and member.ends is not None]
        own = [member.began for member in year.members if member.wave == wave and member.began is not None]
        assert not earlier or min(own) >= max(earlier), "the wave before has ended"
    place = {key: number for number, key in enumerate(year.begun)}
    for key, member in enumerate(year.members):
        for later, other in enumerate(year.members[key + 1 :], key + 1):
            if (member.wave, member.cluster) == (other.wave, other.cluster) and place[later] < place[key]:
                assert other.began is not None and other.began < member.busy_until, "only who was busy is overtaken"
