"""The library's client is made of one account alone; a counter loses no count of several threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.errors import CiviparoisseError
from engine.access_log import MANAGER_AGENT
from engine.kubernetes.connection import Counter, make_api
from tests.engine.kubernetes.fake_api import TOKEN, FakeApi


def test_it_asks_once_under_our_name_and_shows_no_token(api: FakeApi) -> None:
    made = make_api(api.kubeconfig)
    assert made.user_agent == MANAGER_AGENT and made.configuration.retries is False
    assert TOKEN not in repr(made)


def test_without_a_kubeconfig_it_is_the_pod_s_own_account() -> None:
    with pytest.raises(CiviparoisseError) as refused:
        make_api(None)
    assert refused.value.code == "kubeconfig_invalid" and "pod" in refused.value.params["reason"]


def test_every_count_counts() -> None:
    counter = Counter()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(400):
            pool.submit(counter.add)
    assert counter.value == 400
