"""What the lines of a block belong to, and no other lines."""

import threading

import pytest

from domain.log_context import add, bind, clear, get_bound


@pytest.fixture(autouse=True)
def unbound() -> None:
    """Begin with nothing: what served a request in this process before may have left its own."""
    clear()


def test_lines_of_a_block_carry_what_it_is_about_and_later_ones_do_not() -> None:
    with bind(operation="op-1"):
        add(instance="colmar")
        with bind(operation="op-2", actor="anna"):
            assert get_bound() == {"operation": "op-2", "instance": "colmar", "actor": "anna"}
        assert get_bound() == {"operation": "op-1", "instance": "colmar"}
    assert get_bound() == {}


def test_another_thread_has_lines_of_its_own() -> None:
    seen: list[object] = []
    with bind(operation="op-1"):
        thread = threading.Thread(target=lambda: seen.append(get_bound()))
        thread.start()
        thread.join()
    assert seen == [{}]


def test_another_name_is_refused() -> None:
    with pytest.raises(KeyError), bind(parish="colmar"):
        pass


def test_what_is_cleared_is_gone_and_a_wrong_name_adds_nothing() -> None:
    with bind(operation="op-1"):
        clear()
        with pytest.raises(KeyError):
            add(parish="colmar")
        assert get_bound() == {}
