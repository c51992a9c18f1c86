"""recovery.mapping: another engine, another domain; a file that says anything else is refused."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from recovery.mapping import Mapping, read_mapping


def test_hosts_get_the_domain_that_stands_in_place(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("engines:\n  strasbourg: colmar\ndomains:\n  uepal.net: new.example\n")
    mapping = read_mapping(tmp_path / "map.yaml")
    assert mapping.engines == {"strasbourg": "colmar"}
    assert mapping.map_host("www.saint-paul.uepal.net") == "www.saint-paul.new.example"
    assert mapping.map_host("www.notuepal.net") == "www.notuepal.net"


def test_the_longest_domain_that_fits_is_taken() -> None:
    mapping = Mapping(domains={"net": "org", "uepal.net": "uepal.fr"})
    assert mapping.map_host("www.a.uepal.net") == "www.a.uepal.fr"


def test_without_a_file_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    assert read_mapping(None) == read_mapping(tmp_path / "empty.yaml") == Mapping()


@pytest.mark.parametrize("text", ["- a", "clusters: {}", "engines: a", "engines: {a: 1}", "engines: {a: b, a: c}", "{"])
def test_anything_else_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(CiviparoisseError) as error:
        read_mapping(tmp_path / "map.yaml")
    assert error.value.code == "mapping_unreadable"
