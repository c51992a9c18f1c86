"""Below the API's root nothing is said to strangers, and everything else is a 404 in JSON."""

import pytest
from django.test import Client

PATHS = ["/api/v1/", "/api/v1/nowhere", "/api/v1/tenants/a/b/c/", "/api/v1/%00", "/api/v1/%ff/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_address_is_404_for_callers_and_401_for_strangers(
    api: Client, stranger: Client, method: str, path: str
) -> None:
    answer = getattr(api, method)(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "address_unknown")
    assert getattr(stranger, method)(path).status_code == 401
