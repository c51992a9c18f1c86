"""Reads YAML that people and templates write, strictly: one document, no alias, no name twice. Pure.

An alias is of no use in such files, and a few lines of them can stand for gigabytes; of a name that is given twice one
value would be lost without a word.
"""

from typing import Any

import yaml


class YamlRefused(Exception):
    """The text is not YAML that is read here. `line`: where, from 1, None when nobody knows. `problem`: "syntax",
    "alias" or "repeated". Quotes nothing of the text: it may hold a secret."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem if line is None else f"{problem} on line {line}")
        self.problem = problem
        self.line = line


class StrictLoader(yaml.CSafeLoader):
    """YAML's plain types; refuses a name that is given twice (yaml.constructor.ConstructorError)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping. Raise ConstructorError where two of its names are one."""
        content: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(content) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key comes twice", node.start_mark)
        return content


def parse_yaml(text: str) -> Any:
    """Return the one document of `text` as plain values, None when it is empty. Raise YamlRefused."""
    _refuse_aliases(text)
    try:
        return yaml.load(text, Loader=StrictLoader)
    except yaml.constructor.ConstructorError as error:
        problem = "repeated" if error.problem == "a key comes twice" else "syntax"
        raise YamlRefused(problem, _find_line(error)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlRefused("syntax", _find_line(error)) from None


def parse_yaml_texts(text: str) -> yaml.Node | None:
    """Return the one document of `text` as nodes whose scalars are texts as written: 01000 is a post code, not 512.

    None when it is empty. Raise YamlRefused; whether a name comes twice is for the caller to see."""
    _refuse_aliases(text)
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlRefused("syntax", _find_line(error)) from None


def _refuse_aliases(text: str) -> None:
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.AliasToken):
                raise YamlRefused("alias", token.start_mark.line + 1)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlRefused("syntax", _find_line(error)) from None


def _find_line(error: Exception) -> int | None:
    """Return where the faulty value begins; where it was noticed can be the end of the file."""
    mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None
