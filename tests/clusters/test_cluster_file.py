"""A cluster's file: strict YAML with lists and mappings, and no secret in it."""

from pathlib import Path

import pytest

from clusters.cluster_file import LIMIT_BYTES, read_cluster_file, read_text_file
from clusters.parameters import validate_cluster
from domain.errors import CiviparoisseError
from tests.clusters.samples import SECRET, make_kubeconfig

ROOT = Path(__file__).parents[2]


def test_values_have_their_types(tmp_path: Path) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text("domain: example.org\nspread_instances: false\nsettings: {dns_cidrs: [169.254.20.10/32]}\n")
    expected = {"domain": "example.org", "spread_instances": False, "settings": {"dns_cidrs": ["169.254.20.10/32"]}}
    assert read_cluster_file(str(path)) == expected
    path.write_text("# nothing\n")
    assert read_cluster_file(str(path)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a",
        "1: a",
        "a: 1\na: 2",
        "a: &x [b]\nc: *x",
        "a: !!python/object/apply:os.system [id]",
        f"kubeconfig: {SECRET}",
        "[" * LIMIT_BYTES,
    ],
)
def test_anything_else_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    with pytest.raises(CiviparoisseError) as refused:
        read_cluster_file(str(path))
    assert refused.value.code == "file_unreadable" and SECRET not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    large, binary = tmp_path / "large", tmp_path / "binary"
    large.write_bytes(b"a" * (LIMIT_BYTES + 1))
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (large, binary, tmp_path, tmp_path / "missing", "a\0b"):
        with pytest.raises(CiviparoisseError) as refused:
            read_text_file(str(path))
        assert refused.value.code == "file_unreadable"


def test_a_kubeconfig_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(make_kubeconfig())
    assert read_text_file(str(path)) == make_kubeconfig()


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "clusters").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_a_cluster_that_the_door_takes(path: Path) -> None:
    recorded = validate_cluster({**read_cluster_file(str(path)), "name": "metz"})
    assert recorded["ingress_kind"] == "ingress" and recorded["settings"]["ingress_annotations"]
