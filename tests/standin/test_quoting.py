"""PHP and the server read back exactly what was written, whatever it is (docs/traps.md#injection)."""

import json
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.local.vendor import find_web_programs
from standin.quoting import quote_php, quote_sql, quote_sql_string, quote_url
from tests.servers import MariaDbServer

NASTY = ["'", "\\", "\\'", "'; DROP TABLE x; --", "é🎂", "%s", "$x", "{$x}", "\\\\", "end\\", '"', "?>", "`", "${x}"]
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


def read_by_php(values: list[str]) -> list[str]:
    program = "<?php echo json_encode([" + ",".join(quote_php(value) for value in values) + "]);"
    command = [find_web_programs().php]
    answer = subprocess.run(command, input=program.encode(), capture_output=True, timeout=180, check=True)
    return list(json.loads(answer.stdout))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_php_reads_what_was_written(values: list[str]) -> None:
    assert read_by_php(values + NASTY) == values + NASTY


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_the_server_reads_what_was_written(database_server: MariaDbServer, values: list[str]) -> None:
    for quote in (quote_sql, quote_sql_string):
        expressions = [quote(value) for value in values + NASTY]
        assert list(database_server.execute(f"SELECT {','.join(expressions)}")[0]) == values + NASTY


def test_a_dsn_holds_no_separator() -> None:
    assert quote_url("a:b/c@d?e#f%é +") == "a%3Ab%2Fc%40d%3Fe%23f%25%C3%A9%20%2B"


def test_control_characters_are_refused_in_accounts() -> None:
    for value in ("a\nb", "a\0b", "a\x7fb"):
        with pytest.raises(ValueError, match="control character"):
            quote_sql_string(value)
