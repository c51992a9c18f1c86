"""What `serve` takes; that it serves is proven in tests/civiparoisse/test_serving.py."""

import argparse

import pytest
from django.core.management.base import CommandError

from civiparoisse.management.commands.serve import Command, parse_address


@pytest.mark.parametrize("text", ["127.0.0.1:8800", "0.0.0.0:8000", "[::1]:80", "localhost:65535"])
def test_a_host_and_a_port_are_an_address(text: str) -> None:
    assert parse_address(text) == text


@pytest.mark.parametrize("text", ["", ":80", "8800", "host:", "host:0", "host:65536", "host:eighty", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        parse_address(text)


def test_an_unknown_part_is_refused_and_the_parts_are_named() -> None:
    with pytest.raises(CommandError, match="'web', 'worker', 'beat', 'all'"):
        Command().create_parser("civiparoisse", "serve").parse_args(["everything"])
