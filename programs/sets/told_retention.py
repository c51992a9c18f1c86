"""What the manager tells a pod of retention: the rule, and of single sets what only the manager knows.

One JSON document: {"rule": {...}, "zone": "Europe/Paris", "when": "after" or "full", "sets": {backup_id: {...}}}. A set
that is not named is good as far as the manager knows, and nobody pinned it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from programs.run.environment import BACKUP_ID, make_environment_error
from programs.run.failures import ProgramError
from programs.run.strict_json import StrictJsonError, parse_json
from programs.sets.manifest import Manifest, parse_manifest, read_manifest_bytes
from programs.sets.retention import FINAL, SAFETY, HeldSet, RetentionRule, decide_retention
from programs.sets.signing import check_signature

VARIABLE = "RETENTION"
AFTER, WHEN_FULL = "after", "full"
UNREADABLE = "unreadable"
NOTHING = "none"
_ACCEPTED = "empty, or the JSON document that the manager writes"


@dataclass(frozen=True, kw_only=True)
class ToldRetention:
    """The document. `when`: sets go after each good backup, or only when there is no room for one."""

    rule: RetentionRule
    zone: tzinfo
    when: str
    sets: Mapping[str, Mapping[str, Any]]


def format_retention(rule: RetentionRule, *, zone: str, when: str, held: Iterable[HeldSet]) -> str:
    """Return the document, the same for the same facts. `held`: the sets that the manager knows; of those that read
    them it tells only that there are some."""
    told = {}
    for one in sorted(held, key=lambda one: one.backup_id):
        facts = {
            "good": None if one.good else False,
            "reason": one.reason if one.reason in (SAFETY, FINAL) else None,
            "pinned": one.pinned or None,
            "pinned_until": one.pinned_until.isoformat() if one.pinned and one.pinned_until else None,
            "proven_at": one.proven_at.isoformat() if one.proven_at else None,
            "held": bool(one.held_by) or one.is_last_copy or None,
        }
        # Only what is out of the ordinary: an ordinary night changes nothing of the document.
        if said := {name: value for name, value in facts.items() if value is not None}:
            told[one.backup_id] = said
    document = {"rule": asdict(rule), "zone": zone, "when": when, "sets": told}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def read_retention(env: Mapping[str, str]) -> ToldRetention | None:
    """Return what the environment tells; None where nothing may be removed. Raise ProgramError environment_invalid for
    a document that is not the manager's: nothing is removed by guess."""
    text = env.get(VARIABLE) or ""
    if text in ("", NOTHING):
        return None
    try:
        document = parse_json(text.encode())
        numbers = document["rule"]
        if set(numbers) != {field.name for field in fields(RetentionRule)} or document["when"] not in (
            AFTER,
            WHEN_FULL,
        ):
            raise ValueError
        if not all(type(number) is int and number >= 0 for number in numbers.values()):
            raise ValueError
        sets = {str(name): dict(facts) for name, facts in document["sets"].items()}
        for facts in sets.values():
            _read_facts(facts)
        zone = ZoneInfo(document["zone"])
    except (StrictJsonError, KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise make_environment_error(VARIABLE, _ACCEPTED) from error
    return ToldRetention(rule=RetentionRule(**numbers), zone=zone, when=document["when"], sets=sets)


def list_sets(backups_dir: Path, told: ToldRetention, *, key: bytes) -> list[HeldSet]:
    """Return the sets of a volume as the rule sees them. One that cannot be read, or whose signature is not ours, is
    held by that: it stays, and stands for no other."""
    held = []
    for path in sorted(backups_dir.iterdir()):
        if not BACKUP_ID.fullmatch(path.name):
            continue
        facts = _read_facts(told.sets.get(path.name, {}))
        manifest = _read_own(path, key=key)
        held.append(
            HeldSet(
                backup_id=path.name,
                started_at=datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
                scope=manifest.scope if manifest else UNREADABLE,
                good=manifest is not None and facts["good"],
                stored_bytes=sum(item.stored_bytes for item in manifest.artifacts) if manifest else 0,
                reason=facts["reason"],
                pinned=facts["pinned"],
                pinned_until=facts["pinned_until"],
                proven_at=facts["proven_at"],
                held_by=("manager",) if facts["held"] else () if manifest else (UNREADABLE,),
            )
        )
    return held


def select_let_go(backups_dir: Path, told: ToldRetention, *, key: bytes, now: datetime) -> Sequence[HeldSet]:
    """Return the sets of a volume that the rule lets go, the oldest first."""
    held = list_sets(backups_dir, told, key=key)
    decisions = decide_retention(held, told.rule, now=now, timezone=told.zone)
    return [decision.held for decision in decisions if not decision.keep]


def _read_own(path: Path, *, key: bytes) -> Manifest | None:
    try:
        data = read_manifest_bytes(path)
        check_signature(data, key=key)
        manifest = parse_manifest(data)
    except ProgramError:
        return None
    return manifest if manifest.backup_id == path.name else None


def _read_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    flags = {"good": True, "pinned": False, "held": False} | {
        name: facts[name] for name in ("good", "pinned", "held") if name in facts
    }
    if not all(type(flag) is bool for flag in flags.values()):
        raise ValueError
    times = {name: _read_time(facts.get(name)) for name in ("pinned_until", "proven_at")}
    return {**flags, **times, "reason": str(facts.get("reason", "scheduled"))}


def _read_time(text: object) -> datetime | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
