"""Values of plans and releases as people type them: quantities, dots that lead inside, files."""

from pathlib import Path
from typing import Any

import pytest

from console.plans.options import put_value, read_sizes, read_values_file
from domain.errors import CiviparoisseError, InvalidValue

GIBIBYTE = 1024**3


def test_dots_lead_inside_and_the_last_one_wins() -> None:
    values: dict[str, Any] = {"containers": {"httpd": {"cpu_limit": "1"}}}
    for text in ("containers.httpd.cpu_request=250m", "db_volume=1Gi", "db_volume=2Gi", "images.httpd=a.b/c:1=2"):
        put_value(values, text)
    assert values == {
        "containers": {"httpd": {"cpu_limit": "1", "cpu_request": "250m"}},
        "db_volume": "2Gi",
        "images": {"httpd": "a.b/c:1=2"},
    }


@pytest.mark.parametrize("text", ["", "db_volume", "=2Gi", "containers..cpu=1", "db_volume.x=1"])
def test_what_is_no_name_and_value_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        put_value({"db_volume": "2Gi"}, text)


def test_quantities_become_bytes_and_millicores() -> None:
    typed = {
        "db_volume": "2Gi",
        "files_volume_bytes": 5,
        "start_servers": "3",
        "containers": {"db": {"cpu_request": "0.5", "memory_limit": "512Mi", "cpu_limit_millicores": 700}},
    }
    assert read_sizes(typed) == {
        "db_volume_bytes": 2 * GIBIBYTE,
        "files_volume_bytes": 5,
        "start_servers": 3,
        "containers": {
            "db": {"cpu_request_millicores": 500, "memory_limit_bytes": GIBIBYTE // 2, "cpu_limit_millicores": 700}
        },
    }


@pytest.mark.parametrize(
    "typed", [{"db_volume": "much"}, {"containers": "x"}, {"containers": {"db": {"cpu_request": "-1"}}}], ids=str
)
def test_what_is_no_quantity_is_refused(typed: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        read_sizes(typed)


@pytest.mark.parametrize("text", ["[1]", "1: 2", "a: [", "", "a: &x 1\nb: *x"])
def test_a_file_that_holds_no_values_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(CiviparoisseError) as refused:
        read_values_file(str(path))
    assert refused.value.code == "file_unreadable"
