"""programs.sites.php_text: PHP read as PHP reads it."""

import json
import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.sites.php_text import (
    PhpUnclear,
    find_close,
    format_string,
    list_defines,
    list_leaves,
    parse_string,
    parse_tokens,
)

EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 20


def ask_php(code: str) -> object:
    """What PHP makes of an expression."""
    command = ["php", "-n", "-r", f"echo json_encode({code});"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=180).stdout)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_a_formatted_string_is_what_php_reads(text: str) -> None:
    assert parse_string(format_string(text)) == text
    assert ask_php(format_string(text)) == text


@pytest.mark.parametrize(
    "literal", [r"'a\'b\\c\n'", r'"a\"b\\c\n\t\$x"', r"'\\'", '""', "'$x'", r"'\x'", "'line\nbreak'"]
)
def test_string_literals_are_decoded_as_php_does(literal: str) -> None:
    assert parse_string(literal) == ask_php(literal)


@pytest.mark.parametrize("literal", ['"$x"', '"{$x}"', r'"\x41"', r'"\101"', r'"\u{41}"'])
def test_strings_with_more_in_them_have_no_plain_value(literal: str) -> None:
    assert parse_string(literal) is None


def test_comments_are_not_read() -> None:
    source = "<?php // 'a'\n# 'b'\n/* 'c' */ /** don't */ 'd'; #[Attribute]\n// it's ?>\n"
    assert [token.value for token in parse_tokens(source) if token.kind == "string"] == ["d"]


@pytest.mark.parametrize(
    "source",
    ["", "text", "<?php 'open", "<?php /* open", "<?php $x = <<<EOT\nx\nEOT;\n", "<?php ?> <b>html</b>", "<?= 1"],
)
def test_what_is_not_understood_is_refused(source: str) -> None:
    with pytest.raises(PhpUnclear):
        parse_tokens(source)


def test_values_are_found_by_their_keys_in_every_spelling() -> None:
    source = """<?php
    $a['x']['y'] = array ( 'p' => 'one', "q" => [ 'r' => 2, 'three' ], );
    $a = ['x' => ['z' => f(1, ['no' => 'n'])]];
    $b[] = 'four';
    if ($c == 'no') { $d['e']['f'] = 'five'; }
    """
    found = {leaf.keys: leaf.text or leaf.value[0].source for leaf in list_leaves(parse_tokens(source))}
    assert found[("a", "x", "y", "p")] == "one"
    assert found[("a", "x", "y", "q", "r")] == "2"
    assert found[("a", "x", "y", "q", None)] == "three"
    assert found[("a", "x", "z")] == "f"
    assert found[("b", None)] == "four"
    assert found[("d", "e", "f")] == "five"
    assert not any("no" in keys for keys in found)


def test_defines_are_found_in_every_spelling() -> None:
    source = "<?php if (!defined('A')) define( 'A' , \"x\" ); DEFINE('B', A . 'y', true); defined('C');"
    found = {name.value: [token.source for token in value] for name, value in list_defines(parse_tokens(source))}
    assert found == {"A": ['"x"'], "B": ["A", ".", "'y'"]}


def test_a_bracket_that_is_not_closed_is_refused() -> None:
    with pytest.raises(PhpUnclear):
        find_close(parse_tokens("<?php ['a'"), 0)
