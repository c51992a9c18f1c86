"""Lines are read as a server writes them; nothing that a visitor sends makes him somebody else, or another time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.access_log import LINE_BYTES, MANAGER_AGENT, Reading, parse_line, read_lines, split_lines
from tests.engine.log_lines import MOZILLA, NOW, make_line

START = NOW - timedelta(days=1)


def escape(sent: bytes) -> str:
    """Return what a client sends as Apache logs it (ap_escape_logitem)."""
    special = {ord('"'): '\\"', ord("\\"): "\\\\", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 13: "\\r"}
    return "".join(special.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in sent)


@pytest.mark.parametrize(
    "line",
    [
        make_line(),
        make_line(more=" 1234"),
        make_line(more=' "x" "y"'),
        b"2026-11-25T12:00:00.5Z www.example.org:443 " + make_line(),
        make_line().replace(b" 512 ", b" - ").replace(b"10.0.0.1", b"2001:db8::1"),
        make_line().replace(b"12:00:00 +0000", b"13:30:00 +0130"),
        make_line().replace(b"12:00:00 +0000", b"07:00:00 -0500"),
        make_line()[:-1] + b"\r\n",
    ],
)
def test_a_line_of_the_combined_format_is_a_visit(line: bytes) -> None:
    found = parse_line(line)
    assert found is not None and (found.at, found.agent, found.is_visit) == (NOW, MOZILLA.encode(), True)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[Wed Nov 25 12:00:00.1 2026] [core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'",
        b"PHP Warning:  something in index.php on line 3",
        make_line()[:-20],
        b'10.0.0.1 [25/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 512 31',
        make_line().replace(b"Nov", b"Nev"),
        make_line().replace(b"25/", b"31/"),
        make_line().replace(b"2026", b"0000"),
        make_line()
        .replace(b"/2026:12:00:00 +", b"/0001:00:00:00 +")
        .replace(b"25/Nov", b"01/Jan")
        .replace(b"+00", b"+99"),
        make_line(agent="x" * LINE_BYTES),
        b"\xff\xfe" * 50,
    ],
)
def test_anything_else_is_no_request(line: bytes) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "line",
    [
        make_line(agent=MANAGER_AGENT),
        make_line(agent="kube-probe/1.31"),
        make_line(agent="Apache/2.4.66 (Debian) (internal dummy connection)", request="OPTIONS * HTTP/1.0"),
        make_line(agent="-", request="-"),
    ],
)
def test_the_manager_the_cluster_and_the_server_itself_do_not_visit(line: bytes) -> None:
    found = parse_line(line)
    assert found is not None and not found.is_visit
    assert found.is_probe == (MANAGER_AGENT.encode() in line)


@given(request=st.binary(max_size=300), referer=st.binary(max_size=300), agent=st.binary(max_size=300))
def test_whatever_is_sent_is_one_visit_of_its_own_time(request: bytes, referer: bytes, agent: bytes) -> None:
    """Also a request that looks like a line, with the manager's name in it."""
    for prefix in (b"", make_line(START, agent=MANAGER_AGENT), MANAGER_AGENT.encode() + b'" "'):
        line = make_line(
            agent=escape(b"M" + prefix + agent), request=escape(b"GET " + prefix + request), referer=escape(referer)
        )
        if not agent.endswith(b"(internal dummy connection)"):
            assert read_lines([line], since=START, now=NOW) == Reading(visited_at=NOW)


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    reading = read_lines(split_lines([data, make_line()]), since=START, now=NOW)
    assert reading.visited_at in (NOW, None) and not reading.is_cut
    parse_line(data)


def test_the_last_of_each_is_told_within_the_time() -> None:
    lines = [
        make_line(START - timedelta(seconds=1)),
        make_line(START + timedelta(hours=2)),
        make_line(START + timedelta(hours=1)),
        make_line(START + timedelta(hours=3), agent=MANAGER_AGENT),
        make_line(NOW + timedelta(days=9)),
    ]
    told = read_lines(lines, since=START, now=NOW)
    assert told == Reading(visited_at=START + timedelta(hours=2), probed_at=START + timedelta(hours=3))
    assert read_lines(lines[:1], since=START, now=NOW) == Reading()
    ahead = read_lines([make_line(NOW + timedelta(seconds=2))], since=START, now=NOW)
    assert ahead.visited_at == NOW, "a clock that is a little ahead"


def test_two_readings_are_one() -> None:
    one, other = Reading(visited_at=START), Reading(visited_at=NOW, probed_at=NOW, is_cut=True)
    assert one.merge(other) == other.merge(one) == Reading(visited_at=NOW, probed_at=NOW, is_cut=True)


@given(st.lists(st.binary(max_size=30)), st.integers(min_value=1, max_value=9))
def test_lines_are_the_same_in_any_pieces(lines: list[bytes], size: int) -> None:
    whole = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))
    assert list(split_lines(pieces)) == [line.replace(b"\n", b"") for line in lines]


def test_of_an_endless_line_a_part_is_held_and_a_cut_one_is_left_out() -> None:
    pieces = [b"x" * 60_000] * 100 + [b"\nshort\ncut"]
    assert [len(line) for line in split_lines(pieces)] == [LINE_BYTES + 1, 5]
