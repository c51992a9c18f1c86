"""The states of a campaign and of its members, the moves between them, and the limits of what may be asked. Pure."""

from enum import StrEnum


class CampaignState(StrEnum):
    """Where a campaign is. `cancelling`: nothing more begins, what runs goes on to its end."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    DONE = "done"
    CANCELLED = "cancelled"


class CampaignMove(StrEnum):
    """What is done with a campaign. `stop`: the manager pauses it, by its stop rule. `retry`: its failed members wait
    for their turn again. `finish`, `close`: the end of one that went to its end, and of a cancelled one."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    RESUME = "resume"
    RETRY = "retry"
    CANCEL = "cancel"
    FINISH = "finish"
    CLOSE = "close"


class MemberState(StrEnum):
    """Where an instance of a campaign is. `left_out`: from the beginning; `cancelled`: its turn never came."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left_out"
    CANCELLED = "cancelled"


class PauseReason(StrEnum):
    """Why a campaign stands still: a person, or a rule of its own."""

    PERSON = "person"
    FAILURES = "failures"
    SHARE = "share"
    WAVE = "wave"


class LeftOut(StrEnum):
    """Why a selected instance is no member that gets a turn."""

    STATE = "state"
    KIND = "kind"
    NOTHING_TO_DO = "nothing_to_do"
    DOWNGRADE = "downgrade"
    HELD = "held"
    RELEASE_IN_TEST = "release_in_test"
    NO_RECENT_BACKUP = "no_recent_backup"
    OTHER_CAMPAIGN = "other_campaign"
    REFUSED = "refused"


class CampaignOrder(StrEnum):
    """Who comes first: sandboxes and volunteers, then the rest by name; or all by name."""

    SAFEST_FIRST = "safest_first"
    BY_NAME = "by_name"


class ReleaseState(StrEnum):
    """What a release is for: tried in sandboxes, offered to all, wanted everywhere by a date, or not any more."""

    TEST = "test"
    OFFERED = "offered"
    REQUIRED = "required"
    WITHDRAWN = "withdrawn"


_S = CampaignState
# move -> (from, to)
CAMPAIGN_MOVES: dict[CampaignMove, tuple[frozenset[CampaignState], CampaignState]] = {
    CampaignMove.START: (frozenset({_S.PLANNED}), _S.RUNNING),
    CampaignMove.PAUSE: (frozenset({_S.RUNNING}), _S.PAUSED),
    CampaignMove.STOP: (frozenset({_S.RUNNING}), _S.PAUSED),
    CampaignMove.RESUME: (frozenset({_S.PAUSED}), _S.RUNNING),
    CampaignMove.RETRY: (frozenset({_S.RUNNING, _S.PAUSED, _S.DONE}), _S.RUNNING),
    CampaignMove.CANCEL: (frozenset({_S.PLANNED, _S.RUNNING, _S.PAUSED}), _S.CANCELLING),
    CampaignMove.FINISH: (frozenset({_S.RUNNING, _S.PAUSED}), _S.DONE),
    CampaignMove.CLOSE: (frozenset({_S.CANCELLING}), _S.CANCELLED),
}
# The others the manager makes by itself.
BY_PEOPLE = frozenset(
    {CampaignMove.START, CampaignMove.PAUSE, CampaignMove.RESUME, CampaignMove.RETRY, CampaignMove.CANCEL}
)
CAMPAIGN_ENDED = frozenset({_S.DONE, _S.CANCELLED})
# Those that the clock looks at: in a paused one too, what ran when it was paused comes to an end.
CAMPAIGN_FOLLOWED = frozenset({_S.RUNNING, _S.PAUSED, _S.CANCELLING})
MEMBER_OPEN = frozenset({MemberState.WAITING, MemberState.RUNNING})

NAME_LENGTH = 120
NOTES_LENGTH = 4000
MOST_WAVES = 20
MOST_MEMBERS = 20_000
MOST_AT_ONCE = 100
MOST_WINDOWS = 14
MOST_BLACKOUT_DATES = 100
DEFAULT_TIME_ZONE = "Europe/Paris"
DEFAULT_WAVES: tuple[int | None, ...] = (1, 5, None)


def list_moves(state: CampaignState) -> list[CampaignMove]:
    """Return what people can do with a campaign in `state`, as declared."""
    return [move for move, (before, _after) in CAMPAIGN_MOVES.items() if state in before and move in BY_PEOPLE]
