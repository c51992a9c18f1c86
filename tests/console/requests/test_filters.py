"""How the list of requests is narrowed."""

import pytest

from domain.parish_requests import RequestState, Wish
from tests.console.requests.rows import make_request_row, set_state
from tests.people import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/parish_requests/restorerequest/"


@pytest.mark.parametrize("state", list(RequestState))
def test_each_state_is_found_where_people_look_for_it(state: RequestState) -> None:
    request = set_state(make_request_row(wish=Wish.HELP), state)
    client = make_client("parish_requests.view_restorerequest")
    ended = {"done", "undone", "refused", "expired", "withdrawn", "failed"}
    shown = {
        "": state.value not in {*ended, "draft"},
        "?standing=ended": state.value in ended,
        "?standing=all": True,
        f"?state__exact={state.value}": True,
        "?standing=nonsense": state.value not in {*ended, "draft"},
    }
    for query, is_shown in shown.items():
        page = client.get(LIST + query).content.decode()
        assert (request.reference in page) is is_shown, query
