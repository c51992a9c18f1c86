"""Whatever a value holds arrives unchanged; whatever a template lacks stops it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from manifests.render import load_template, make_plain, render_template

TEMPLATE = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ name }}
  namespace: saint-paul
data:
  key: {{ site.value }}
"""
AWKWARD = [
    *"yes no on off null ~ true 1e3 0x1f 017 1_000 .inf 2026-11-21 12:30:00".split(),
    *"= << - ? : , [] {} # & * ! | > % @ `".split(),
    "{{ x }}",
    "{% raw %}",
    "{# x #}",
    "key: value",
    "- a",
    " #c",
    "a # c",
    "'\"\\",
    "é œ ç",
    "🎉 ⛪",
    "\u0085\u2028\u2029\ufeff",
    "\x00\x07\x1b\x7f\x9f",
    " blank ",
    "line\nline\r\n\ttab",
    "---",
    "...",
    "$(HOME) $$ ${x}",
    "",
]
TEXTS = st.one_of(st.text(), st.sampled_from(AWKWARD))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "template.yaml"


def _render(path: Path, template: str, **context: Any) -> dict[str, Any]:
    path.write_text(template)
    load_template.cache_clear()
    return render_template(path, {"name": "config", "site": {"value": "x"}, **context})


def _refuse(path: Path, template: str, **context: Any) -> str:
    with pytest.raises(CiviparoisseError) as raised:
        _render(path, template, **context)
    assert raised.value.code == "template_invalid"
    assert raised.value.params["template"].endswith("/template.yaml")
    return str(raised.value.params["reason"])


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_arrive_unchanged(path: Path, text: str) -> None:
    assert _render(path, TEMPLATE, site={"value": text})["data"] == {"key": text}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_any_text_arrives_unchanged(path: Path, text: str) -> None:
    assert _render(path, TEMPLATE, site={"value": text})["data"] == {"key": text}


@settings(deadline=None)
@given(
    st.recursive(st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
)
def test_any_document_arrives_unchanged_and_new(value: object) -> None:
    plain = make_plain(value)
    assert plain == value and json.loads(json.dumps(plain)) == value
    assert not isinstance(value, dict | list) or plain is not value


def test_what_json_does_not_have_is_refused_without_a_word_of_it(path: Path) -> None:
    for value in ({"hidden"}, {1: "hidden"}, float("nan"), [b"hidden"], "hidden\ud800"):
        assert _refuse(path, TEMPLATE, site={"value": value}) == "a value is not JSON"


def test_a_value_that_is_no_text_is_refused_where_a_text_belongs(path: Path) -> None:
    for value in (True, 25460, 1.5, ["a"]):
        assert "data.key: not a text" in _refuse(path, TEMPLATE, site={"value": value})


def test_none_removes_its_key(path: Path) -> None:
    assert _render(path, TEMPLATE, site={"value": None})["data"] == {}


@pytest.mark.parametrize("hole", ["missing", "site.missing", "site.value.missing", "site.update"])
def test_a_name_that_is_not_known_stops_the_rendering(path: Path, hole: str) -> None:
    reason = _refuse(path, TEMPLATE.replace("site.value", hole))
    assert "missing" in reason or "update" in reason


def test_a_key_may_be_called_like_a_method(path: Path) -> None:
    template = TEMPLATE.replace("site.value", "site.update")
    assert _render(path, template, site={"update": "x"})["data"] == {"key": "x"}


@pytest.mark.parametrize(
    "line",
    [
        "  key: prefix-{{ site.value }}",
        '  key: "{{ site.value }}"',
        "  key: {{ site.value }} # remark",
        "  key: {{ site.value | upper }}",
        "  key: {{ site['value'] }}",
        "  key: [{{ site.value }}]",
        "  {{ name }}: x",
        "  # {{ name }}",
        "{% if name %}",
        "{# remark #}",
        "  key: {{ name }}{{ name }}",
    ],
)
def test_a_hole_is_a_whole_value_and_there_is_no_logic(path: Path, line: str) -> None:
    reason = _refuse(path, TEMPLATE.replace("  key: {{ site.value }}", line))
    assert "line 7: a hole is a whole value" in reason


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "0 objects"),
        ("- a\n", "1 objects"),
        (f"{TEMPLATE}---\n{TEMPLATE}", "2 objects"),
        (f"{TEMPLATE}  key: twice\n", "a key comes twice"),
        (f"{TEMPLATE}more: fields\n", "unknown fields: ['more']"),
        (f"{TEMPLATE}  other: [\n", "line"),
    ],
)
def test_a_file_holds_one_sound_object(path: Path, template: str, reason: str) -> None:
    assert reason in _refuse(path, template)


def test_a_hole_within_a_longer_text_is_refused(path: Path) -> None:
    template = TEMPLATE.replace("  key: {{ site.value }}", "  key: |\n    {{ site.value }}")
    assert "within a text" in _refuse(path, template)


def test_a_file_is_read_once_and_each_object_is_its_own(path: Path) -> None:
    first = _render(path, TEMPLATE, site={"value": "a"})
    first["metadata"]["labels"] = {"x": "y"}
    path.unlink()
    second = render_template(path, {"name": "other", "site": {"value": "b"}})
    assert (second["metadata"], second["data"]) == ({"name": "other", "namespace": "saint-paul"}, {"key": "b"})


def test_no_value_is_in_an_error(path: Path) -> None:
    secret = "hidden-password"
    broken = TEMPLATE.replace("ConfigMap", "Secret").replace("data:", "stringData:") + "  [\n"
    for template in (broken, TEMPLATE + "  key: twice\n"):
        assert secret not in _refuse(path, template, site={"value": secret})
    assert secret not in _refuse(path, TEMPLATE, site={"value": {secret}})


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(CiviparoisseError) as raised:
        load_template(path)
    assert "cannot be read" in raised.value.params["reason"]
