"""What a restore would change, as a document: both sides of each figure, what would be lost, what is warned of. Pure.

A side is what programs/figures.py counted: {"at": seconds since 1970, "counts": {code: {"count", and where known "last"
(the highest key), "cents", "newest" (seconds)}}}; the side of now was told the other one's `last` and `at`, and says
too what was "entered" (with "entered_cents") and "changed" since. None: that side is not known.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.figures import SUM, FigureCode
from domain.parish_requests import RequestScope
from parish_requests.models import RequestRules

FORMAT = 1
FILES = FigureCode.FILES.value
CONTRIBUTIONS = FigureCode.CONTRIBUTIONS.value
MAILINGS = FigureCode.MAILINGS.value
# What may be lost beyond what was approved without asking again: so many more, or this share of what there is now.
MORE_THAN = {CONTRIBUTIONS: 2, SUM: 50_00, MAILINGS: 0}
MORE_OF_OTHERS = 10
SHARE_PERCENT = 5
# Of these a new one alone asks for a new approval; the others are told by figures, or do not matter then.
WEIGHTY = frozenset({"mailing_since", "older_release", "restored_since", "set_not_known", "now_not_known"})

Document = dict[str, Any]
Side = Mapping[str, Any]


def list_codes(scope: str) -> list[str]:
    """Return the codes of the figures that a restore of this scope changes."""
    if scope == RequestScope.PART:
        return []
    if scope == RequestScope.FILES:
        return [FILES]
    return [code.value for code in FigureCode if scope == RequestScope.EVERYTHING or code is not FigureCode.FILES]


def compare_sides(
    *,
    scope: str,
    moment: datetime | None,
    then: Side | None,
    now: Side | None,
    warnings: Iterable[Mapping[str, Any]],
    untraced: Collection[str] = (),
) -> Document:
    """Return the document. `moment`: that of the set. A figure that one side alone has is not compared, and of those
    in `untraced` nobody knows what was entered since: both are named, and the document is not whole."""
    codes = list_codes(scope)
    compared = [_compare_figure(code, _find(then, code), _find(now, code)) for code in codes]
    known = [entry for entries in compared for entry in entries]
    lost = {entry["code"]: entry["lost"] for entry in known if entry["lost"]}
    gone = {entry["code"]: entry["returns"] for entry in known if entry["returns"]}
    changed = {entry["code"]: entry["changed"] for entry in known if entry["changed"]}
    half = [code for code in codes if _is_half(_find(then, code), _find(now, code), is_traced=code not in untraced)]
    is_whole = not codes or (then is not None and now is not None and not half)
    return {
        "format": FORMAT,
        "scope": str(scope),
        "moment": _format(moment),
        "taken_at": None if now is None else _format(_parse_seconds(now["at"])),
        "figures": [{name: entry[name] for name in ("code", "then", "now", "difference")} for entry in known],
        "newest": {"then": _find_newest(then, codes), "now": _find_newest(now, codes)},
        "lost": lost,
        "changed": changed,
        "returns": gone,
        "not_compared": half,
        "warnings": [*warnings, *_list_losses(lost), *_list_unlike(half, are_known=None not in (then, now))],
        "is_whole": is_whole,
    }


def _list_losses(lost: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the warnings of what cannot be undone outside of the data: money that came, mails that went."""
    found: list[dict[str, Any]] = []
    if MAILINGS in lost:
        found.append({"code": "mailing_since", "params": {"count": lost[MAILINGS]}})
    if CONTRIBUTIONS in lost:
        found.append({"code": "payment_since", "params": {"count": lost[CONTRIBUTIONS], "cents": lost.get(SUM)}})
    return found


def _list_unlike(codes: list[str], *, are_known: bool) -> list[dict[str, Any]]:
    """Return the warning that some figures cannot be compared; none where a whole side is not known, which is told."""
    return [{"code": "partly_known", "params": {"codes": codes}}] if codes and are_known else []


def _compare_figure(code: str, then: Side | None, now: Side | None) -> list[dict[str, Any]]:
    """Return one entry of a figure, two of one with a sum; none where a side does not know it."""
    if then is None or now is None:
        return []
    entries = [_make_entry(code, then["count"], now["count"], now.get("entered"), now.get("changed"))]
    if "cents" in then and "cents" in now:
        entries.append(_make_entry(SUM, then["cents"], now["cents"], now.get("entered_cents"), None))
    return entries


def _make_entry(code: str, then: int, now: int, entered: int | None, changed: int | None) -> dict[str, Any]:
    """What would be lost is what was entered since, whatever was removed meanwhile; that would return."""
    lost = max(0, entered or 0, now - then)
    returns = lost - (now - then)
    return {
        "code": code,
        "then": then,
        "now": now,
        "difference": then - now,
        "lost": lost,
        "returns": max(0, returns),
        "changed": changed or 0,
    }


def _is_half(then: Side | None, now: Side | None, *, is_traced: bool) -> bool:
    return (then is None) != (now is None) or (then is not None and not is_traced)


def _find(side: Side | None, code: str) -> Side | None:
    return None if side is None else side["counts"].get(code)


def _find_newest(side: Side | None, codes: Iterable[str]) -> str | None:
    counts = [_find(side, code) for code in codes]
    seconds = [count["newest"] for count in counts if count is not None and count.get("newest") is not None]
    return _format(_parse_seconds(max(seconds))) if seconds else None


def _parse_seconds(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _format(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str | None) -> datetime | None:
    """Return a moment of a document; None for none."""
    return None if not text else datetime.fromisoformat(text)


def digest_preview(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document, as what a person approves is named. Its order of names does not matter, nor
    when it was looked at: two looks that saw the same are one and the same."""
    seen = {name: value for name, value in document.items() if name != "taken_at"}
    text = json.dumps(seen, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def compute_lost_percent(document: Mapping[str, Any]) -> int | None:
    """Return the share of today's contributions that would be lost, in whole percents, at least 1: that of their
    number or of their sum, whichever is larger. None where it is not known; 0 where the restore changes none."""
    if CONTRIBUTIONS not in list_codes(str(document.get("scope") or RequestScope.EVERYTHING)):
        return 0
    if not document.get("figures") or CONTRIBUTIONS in document.get("not_compared", ()):
        return None
    lost = document.get("lost", {})
    shares = [0]
    for entry in document["figures"]:
        if entry["code"] in (CONTRIBUTIONS, SUM) and lost.get(entry["code"]) and entry["now"] > 0:
            shares.append(max(1, 100 * lost[entry["code"]] // entry["now"]))
    return min(100, max(shares))


def compute_approvals(
    document: Mapping[str, Any],
    rules: RequestRules,
    *,
    now: datetime | None = None,
    is_safety_possible: bool = True,
) -> int:
    """Return how many different persons approve: two where a limit of the rules is reached (share of contributions
    lost, age of the set), where no safety copy is possible, or where the share is not known; else one.

    `now`: from which the age counts; None for when the document was taken. A document that says nothing ({}: of what
    changes no data) takes one.
    """
    if not document:
        return 1
    moment, until = parse_moment(document.get("moment")), now or parse_moment(document.get("taken_at"))
    share = compute_lost_percent(document)
    is_old = moment is not None and until is not None and until - moment >= timedelta(days=rules.second_from_days)
    loses = share is None or (share > 0 and share >= rules.second_from_lost_percent)
    return 2 if is_old or loses or not is_safety_possible else 1


def has_changed(before: Mapping[str, Any], after: Mapping[str, Any], *, share_percent: int = SHARE_PERCENT) -> bool:
    """Tell whether what a restore would do is beyond the tolerance not any more what was approved: it is of another set
    or scope, is not known any more, warns of something weighty that is new, or loses more than MORE_THAN and more than
    `share_percent` of what there is now. To lose less is no reason to ask again."""
    if not before and not after:
        return False
    if any(before.get(name) != after.get(name) for name in ("scope", "moment")):
        return True
    if before.get("is_whole") and not after.get("is_whole"):
        return True
    told = {warning["code"] for warning in before.get("warnings", ())}
    if {warning["code"] for warning in after.get("warnings", ())} & WEIGHTY - told:
        return True
    today = {entry["code"]: entry["now"] for entry in after.get("figures", ())}
    return any(
        _is_beyond(code, before.get(what, {}).get(code, 0), number, of=today.get(code, 0), share_percent=share_percent)
        for what in ("lost", "changed")
        for code, number in after.get(what, {}).items()
    )


def _is_beyond(code: str, before: int, after: int, *, of: int, share_percent: int) -> bool:
    more = after - before
    least = MORE_THAN.get(code, MORE_OF_OTHERS)
    # Nobody approved that a mail or a gift more is lost because there are many of them.
    return more > (least if code in MORE_THAN else max(least, of * share_percent // 100))
