"""Templates: YAML with holes. Every hole is a whole value, written as JSON, and every name in it must be known.

A hole is `{{ name.name }}` at the end of a line, after a key or a dash; there are no conditions and no loops: parts
that are optional are files of their own. A value of None removes its key.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml
from jinja2 import meta

from domain.errors import CiviparoisseError
from domain.strict_yaml import StrictLoader
from manifests.check import check_object

HOLE = re.compile(r" *(?:- |)(?:[\w./\"-]+: |)\{\{ [a-z_]+(?:\.[a-z_0-9]+)* \}\}")
# What JSON leaves as it is and YAML 1.1 would refuse, or take for the end of a line (yaml.org, 5.1 and 5.4).
SPECIAL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

Context = Mapping[str, Any]


def format_value(value: object) -> str:
    """Return a value as JSON that YAML reads as the same value. Raise UndefinedError for a name that is not known."""
    if isinstance(value, jinja2.Undefined):
        value._fail_with_undefined_error()
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class _Environment(jinja2.Environment):
    """Names are keys: Jinja would find a dict's method `update` before its key."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)


ENVIRONMENT = _Environment(
    undefined=jinja2.StrictUndefined, finalize=format_value, autoescape=False, keep_trailing_newline=True
)


def render_template(path: Path, context: Context) -> dict[str, Any]:
    """Return the object that the template at `path` makes of `context`, checked (manifests.check).

    Raise CiviparoisseError `template_invalid` naming the file and what is wrong; never a value.
    """
    template, _names = load_template(path)
    try:
        text = template.render(context)
        documents = list(yaml.load_all(text, Loader=StrictLoader))
    except jinja2.UndefinedError as error:
        raise make_template_error(path, str(error)) from None
    except (TypeError, ValueError, yaml.YAMLError) as error:
        # The errors of both quote what they read, which may be a secret.
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        raise make_template_error(path, f"{getattr(error, 'problem', None) or 'a value is not JSON'}{place}") from None
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise make_template_error(path, f"{len(documents)} objects; one object in one file")
    object_: dict[str, Any] = _without_nothing(documents[0])
    fault = check_object(object_)
    if fault:
        raise make_template_error(path, fault)
    return object_


def make_template_error(path: Path, reason: str) -> CiviparoisseError:
    """Return the error of one template, named by its place in the blueprint."""
    return CiviparoisseError("template_invalid", template="/".join(path.parts[-3:]), reason=reason)


@functools.cache
def load_template(path: Path) -> tuple[jinja2.Template, frozenset[str]]:
    """Return a template, and the first words of the names in its holes. Raise CiviparoisseError `template_invalid`."""
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise make_template_error(path, f"cannot be read: {error.strerror}") from None
    for number, line in enumerate(source.splitlines(), start=1):
        if ("{{" in line or "{%" in line or "{#" in line) and not HOLE.fullmatch(line):
            raise make_template_error(path, f"line {number}: a hole is a whole value: key: {{{{ name }}}}")
    try:
        tree = ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        raise make_template_error(path, f"line {error.lineno}: {error.message}") from None
    return ENVIRONMENT.from_string(tree), frozenset(meta.find_undeclared_variables(tree))


def _without_nothing(value: Any) -> Any:
    """Return `value` without the keys whose value is None, at any depth."""
    if isinstance(value, dict):
        return {key: _without_nothing(content) for key, content in value.items() if content is not None}
    if isinstance(value, list):
        return [_without_nothing(content) for content in value]
    return value
