"""What a parish may ask for, and the states through which a request goes: one table. Pure."""

from enum import StrEnum


class Wish(StrEnum):
    """What is asked for."""

    RESTORE = "restore"
    # A sandbox with the data of that moment, for seven days, so that nothing is lost by looking.
    SHOW_FIRST = "show_first"
    PRACTICE = "practice"
    BACKUP = "backup"
    DOWNLOAD = "download"
    HELP = "help"
    # The safety copy of a restore is put back.
    UNDO = "undo"


# What replaces something of the site; all else leaves it as it is.
RESTORES = frozenset({Wish.RESTORE, Wish.UNDO})
# What is offered once it is approved, until its asker has fetched it.
FETCHED = frozenset({Wish.DOWNLOAD})


class Cause(StrEnum):
    """What happened, in the words of the one who asks."""

    DELETED = "deleted"
    IMPORT = "import"
    BROKEN = "broken"
    OTHER = "other"


class RequestScope(StrEnum):
    """How much is put back. `part`: one file or folder."""

    EVERYTHING = "everything"
    DATA = "data"
    FILES = "files"
    PART = "part"


class RequestState(StrEnum):
    """Where a request is. `question`: whoever approves has asked something back."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUESTION = "question"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Move(StrEnum):
    """What is done with a request. `reconsider`: what it would do is not any more what was approved."""

    SUBMIT = "submit"
    ASK_BACK = "ask_back"
    ANSWER = "answer"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    RECONSIDER = "reconsider"
    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    RETRY = "retry"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    UNDO = "undo"


_S = RequestState
_WAITING = (_S.SUBMITTED, _S.QUESTION)
_DECIDED = (_S.APPROVED, _S.SCHEDULED)
# Move -> (states before, state after). Nothing leads out of a state that no line begins with.
MOVES: dict[Move, tuple[frozenset[RequestState], RequestState]] = {
    Move.SUBMIT: (frozenset({_S.DRAFT}), _S.SUBMITTED),
    Move.ASK_BACK: (frozenset({_S.SUBMITTED}), _S.QUESTION),
    Move.ANSWER: (frozenset({_S.QUESTION}), _S.SUBMITTED),
    Move.APPROVE: (frozenset({_S.SUBMITTED}), _S.APPROVED),
    Move.SCHEDULE: (frozenset({_S.SUBMITTED, _S.APPROVED}), _S.SCHEDULED),
    Move.RECONSIDER: (frozenset(_DECIDED), _S.SUBMITTED),
    Move.START: (frozenset(_DECIDED), _S.RUNNING),
    Move.FINISH: (frozenset({_S.RUNNING}), _S.DONE),
    Move.FAIL: (frozenset({*_DECIDED, _S.RUNNING}), _S.FAILED),
    Move.RETRY: (frozenset({_S.FAILED}), _S.SUBMITTED),
    Move.REFUSE: (frozenset({*_WAITING, *_DECIDED}), _S.REFUSED),
    Move.WITHDRAW: (frozenset({_S.DRAFT, *_WAITING, *_DECIDED}), _S.WITHDRAWN),
    Move.EXPIRE: (frozenset({_S.DRAFT, *_WAITING}), _S.EXPIRED),
    Move.UNDO: (frozenset({_S.DONE}), _S.UNDONE),
}
# What is offered can be called off, and its time ends, while it is offered: nothing of the site is at work.
_MOVES_OF_OFFERS = frozenset({Move.WITHDRAW, Move.REFUSE, Move.EXPIRE})
OPEN_STATES = frozenset({_S.DRAFT, *_WAITING, *_DECIDED, _S.RUNNING})
ENDED_STATES = frozenset(RequestState) - OPEN_STATES


def list_before(move: Move, wish: str | None = None) -> frozenset[RequestState]:
    """Return the states in which `move` is possible with a request of that wish; of any wish without one."""
    before, _after = MOVES[move]
    return before | {_S.RUNNING} if wish in FETCHED and move in _MOVES_OF_OFFERS else before


def find_end(move: Move, state: RequestState, wish: str | None = None) -> RequestState | None:
    """Return the state that `move` leads to from `state`, None where it is not allowed there."""
    return MOVES[move][1] if state in list_before(move, wish) else None
