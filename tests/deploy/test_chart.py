"""deploy/chart, as far as no helm is needed: what its files say of each other. The rest is tried on a cluster."""

import json
import re
from typing import Any

import yaml

from civiparoisse.places import STATE_DIR
from scripts.chart_readme import CHART, list_values, make_readme
from tests.gates.source import ROOT

# What of the project the chart brings, each with its only home.
HOMES = {"rbac.yaml": "rbac.yaml", "admission.yaml": "admission.yaml", "rules.yaml": "monitoring/rules.yaml"}
SECRET_KEYS = ("secret_key", "field_keys", "mysql_password", "redis_url", "metrics_token", "mail_password")


def read_values() -> dict[str, Any]:
    """The chart's values."""
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return values


def list_paths(values: dict[str, Any], schema: dict[str, Any], before: str = "") -> list[str]:
    """Every value of the chart: what the schema describes no further is one."""
    paths = []
    for key, value in values.items():
        known = schema["properties"][key]
        if isinstance(value, dict) and "properties" in known:
            paths += list_paths(value, known, f"{before}{key}.")
        else:
            paths.append(before + key)
    return paths


def read_schema() -> dict[str, Any]:
    """What the chart accepts."""
    schema: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    return schema


def test_the_readme_is_made_from_the_values() -> None:
    assert (CHART / "README.md").read_text() == make_readme((CHART / "values.yaml").read_text())


def test_every_value_is_described_and_has_a_schema_that_takes_no_other() -> None:
    paths = list_paths(read_values(), read_schema())
    assert [path for path, _default, _meaning in list_values((CHART / "values.yaml").read_text())] == paths

    def check(schema: dict[str, Any]) -> None:
        if "properties" in schema:
            assert schema["additionalProperties"] is False
            for part in schema["properties"].values():
                check(part)

    check(read_schema())


def test_values_are_read_in_their_order_with_comments_of_several_lines() -> None:
    text = "a:\n  # -- one\n  # more\n  b: 1\n  c: {}\n# -- two\nd: []\n"
    assert list_values(text) == [("a.b", "1", "one more"), ("d", "[]", "two")]


def test_role_admission_and_rules_have_one_home() -> None:
    assert {path.name for path in (CHART / "files").iterdir()} == set(HOMES)
    for name, home in HOMES.items():
        assert (CHART / "files" / name).is_symlink()
        assert (CHART / "files" / name).resolve() == ROOT / "deploy" / home


def test_the_secret_is_mounted_where_the_settings_look() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "civiparoisse").glob("*.py"))
    for key in SECRET_KEYS:
        assert re.search(rf'(STATE_DIR / "keys"|KEYS) / "{key}"', sources), key
    assert STATE_DIR.is_absolute()
    parts = (CHART / "templates" / "_parts.tpl").read_text()
    assert "CIVIPAROISSE_STATE_DIR, value: /var/lib/civiparoisse}" in parts
    assert "{name: keys, mountPath: /var/lib/civiparoisse/keys, readOnly: true}" in parts
    named = " ".join(meaning for path, _default, meaning in list_values((CHART / "values.yaml").read_text())
                     if path == "secrets.existing")  # fmt: skip
    assert all(key in named for key in SECRET_KEYS)


def test_what_the_chart_gives_its_settings_cannot_be_given_twice() -> None:
    parts = (CHART / "templates" / "_parts.tpl").read_text()
    given = set(re.findall(r"name: (CIVIPAROISSE_\w+)", parts))
    refused, secret = read_schema()["properties"]["settings"]["propertyNames"]["not"]["anyOf"]
    assert given == set(refused["enum"])
    for name in ("SECRET_KEY", "FIELD_KEYS", "MYSQL_PASSWORD", "REDIS_URL", "METRICS_TOKEN", "MAIL_PASSWORD"):
        assert re.search(secret["pattern"], f"CIVIPAROISSE_{name}"), name
