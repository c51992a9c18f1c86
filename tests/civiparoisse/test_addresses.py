"""The client's address is the connection's, or the proxy's word where there is one; never the client's own."""

from typing import Any

import pytest
from django.test import RequestFactory

from civiparoisse.addresses import get_client_address


@pytest.mark.parametrize(("behind", "address"), [(False, "127.0.0.1"), (True, "192.0.2.7")])
def test_only_a_proxy_is_believed(settings: Any, *, behind: bool, address: str) -> None:
    settings.BEHIND_TLS = behind
    request = RequestFactory().get("/", headers={"x-forwarded-for": "198.51.100.1, 192.0.2.7"})
    assert get_client_address(request) == address
    assert get_client_address(RequestFactory().get("/")) == "127.0.0.1"
