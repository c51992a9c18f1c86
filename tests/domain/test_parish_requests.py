"""The whole table of a request's states."""

from domain.parish_requests import ENDED_STATES, FETCHED, OPEN_STATES, Move, RequestState, Wish, find_end, list_before

TABLE = {
    "draft": {"submit": "submitted", "withdraw": "withdrawn", "expire": "expired"},
    "submitted": {
        "ask_back": "question",
        "approve": "approved",
        "schedule": "scheduled",
        "refuse": "refused",
        "withdraw": "withdrawn",
        "expire": "expired",
    },
    "question": {"answer": "submitted", "refuse": "refused", "withdraw": "withdrawn", "expire": "expired"},
    "approved": {
        "schedule": "scheduled",
        "reconsider": "submitted",
        "start": "running",
        "fail": "failed",
        "refuse": "refused",
        "withdraw": "withdrawn",
    },
    "scheduled": {
        "reconsider": "submitted",
        "start": "running",
        "fail": "failed",
        "refuse": "refused",
        "withdraw": "withdrawn",
    },
    "running": {"finish": "done", "fail": "failed"},
    "done": {"undo": "undone"},
    "failed": {"retry": "submitted"},
    "undone": {},
    "refused": {},
    "expired": {},
    "withdrawn": {},
}


def test_a_move_is_what_the_table_says() -> None:
    for state in RequestState:
        for move in Move:
            assert find_end(move, state) == TABLE[state].get(move), (state, move)


def test_what_is_offered_can_be_called_off_and_ends_while_it_is_offered() -> None:
    called_off = {"withdraw": "withdrawn", "refuse": "refused", "expire": "expired"}
    for wish in Wish:
        for state in RequestState:
            for move in Move:
                of_offers = called_off.get(move) if wish in FETCHED and state == "running" else None
                wanted = TABLE[state].get(move) or of_offers
                assert find_end(move, state, wish) == wanted, (wish, state, move)
                assert (state in list_before(move, wish)) is (wanted is not None)


def test_open_and_ended_are_all_states_once() -> None:
    assert ENDED_STATES == {"done", "undone", "refused", "expired", "withdrawn", "failed"}
    assert OPEN_STATES == {"draft", "submitted", "question", "approved", "scheduled", "running"}
