"""Make deploy/chart/README.md from the comments of deploy/chart/values.yaml: `chart_readme.py` writes it."""

import re
from pathlib import Path

CHART = Path(__file__).resolve().parent.parent / "deploy" / "chart"
KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z]+):(?: (?P<value>.+))?$")
HEAD = """\
# The manager's Helm chart

Made from values.yaml by `scripts/chart_readme.py`; do not edit. How to install, upgrade and remove it:
[docs/install-cluster.md](/docs/install-cluster.md). What is accepted: values.schema.json.

| value | default | meaning |
|---|---|---|
"""


def list_values(text: str) -> list[tuple[str, str, str]]:
    """Return every value of a values.yaml that has a `# --` comment, as (path, default, meaning), in order."""
    path: list[str] = []
    meaning: list[str] = []
    values = []
    for line in text.splitlines():
        comment = line.strip()
        if comment.startswith("# -- "):
            meaning = [comment.removeprefix("# -- ")]
        elif comment.startswith("# ") and meaning:
            meaning.append(comment.removeprefix("# "))
        elif found := KEY.match(line):
            path = [*path[: len(found["indent"]) // 2], found["key"]]
            if meaning:
                values.append((".".join(path), found["value"] or "", " ".join(meaning)))
            meaning = []
    return values


def make_readme(text: str) -> str:
    """Return the README of a chart with these values."""
    rows = [f"| `{path}` | `{default}` | {meaning} |\n" for path, default, meaning in list_values(text)]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    (CHART / "README.md").write_text(make_readme((CHART / "values.yaml").read_text()))
