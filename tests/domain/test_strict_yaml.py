"""YAML is read strictly: plain types, one document, no alias, no name twice, and a refusal quotes nothing."""

import pytest
import yaml

from domain.strict_yaml import YamlRefused, parse_yaml, parse_yaml_texts


def refuse(text: str) -> YamlRefused:
    with pytest.raises(YamlRefused) as caught:
        parse_yaml(text)
    assert "hunter" not in str(caught.value)
    return caught.value


def test_plain_values_are_what_they_are() -> None:
    assert parse_yaml("a: 1\nb: [x, true, null]\nc: {d: 0.5}\n") == {"a": 1, "b": ["x", True, None], "c": {"d": 0.5}}
    assert parse_yaml("# nothing\n") is None
    assert parse_yaml("- a\n") == ["a"]


def test_scalars_can_be_read_as_they_are_written() -> None:
    node = parse_yaml_texts("postcode: 01000\nuse_ssl: no\n")
    assert isinstance(node, yaml.MappingNode)
    assert [value.value for _, value in node.value] == ["01000", "no"]
    assert parse_yaml_texts("") is None


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: hunter\nb: ]", "syntax", 2),
        ("a: 1\n\tb: hunter", "syntax", 1),
        ("a: 1\n---\nb: 2", "syntax", 1),
        ("a: !!python/object/apply:os.system [hunter]", "syntax", 1),
        ("a: &x [hunter]\nb: *x", "alias", 2),
        ("b:\n  c: hunter\n  c: 2", "repeated", 2),
        ("a: {b: 1, b: 2}", "repeated", 1),
        ("[" * 100_000, "syntax", None),
        ("a: \x07", "syntax", None),
        ("a: 9999-99-99", "syntax", None),
    ],
)
def test_anything_else_is_refused_with_its_line(text: str, problem: str, line: int | None) -> None:
    refused = refuse(text)
    assert refused.problem == problem
    if line is not None:
        assert refused.line == line


def test_a_few_lines_that_stand_for_gigabytes_are_refused_at_once() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 64))
    assert refuse(bomb).problem == "alias"
    with pytest.raises(YamlRefused):
        parse_yaml_texts(bomb)
