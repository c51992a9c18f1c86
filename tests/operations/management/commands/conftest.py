"""A management command called in this process."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

Answer = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def answer() -> Answer:
    """Call a command with --json; return its exit code and its document."""

    def call(*words: str) -> tuple[int, dict[str, Any]]:
        screen = io.StringIO()
        code = 0
        try:
            call_command(*words, "--json", stdout=screen)
        except SystemExit as end:
            code = int(end.code or 0)
        document: dict[str, Any] = json.loads(screen.getvalue())
        return code, document

    return call


@pytest.fixture
def lines() -> Callable[..., str]:
    """Call a command as a person does; return what it showed."""

    def call(*words: str) -> str:
        screen = io.StringIO()
        call_command(*words, stdout=screen)
        return screen.getvalue()

    return call
