"""Every image of an instance has one place that names it, and one place where a mirror or a digest is put in."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.specs import Release
from manifests.blueprints import load_blueprint
from manifests.images import ImageSource, make_reference, map_references, resolve_images, strip_registry
from manifests.instance import make_instance_objects
from tests.manifests.cases import TLS, make_case_spec

BLUEPRINT = load_blueprint("civiparoisse-1")
RELEASE = Release(name="2026", images={"db": "registry.example:5000/mysql:9"}, versions={})
DIGEST = "sha256:" + "a" * 64


def test_each_image_tells_who_names_it() -> None:
    images = {image.role: image for image in resolve_images(RELEASE, BLUEPRINT, ClusterSettings())}
    assert set(images) == set(BLUEPRINT.images)
    assert (images["db"].source, images["db"].reference) == (ImageSource.RELEASE, "registry.example:5000/mysql:9")
    assert images["wait"].source is ImageSource.BLUEPRINT
    assert not any(image.is_mirrored or image.is_pinned for image in images.values())


def test_a_mirror_takes_the_place_of_every_registry() -> None:
    settings = ClusterSettings(image_mirror="mirror.example/uepal", image_digests={"busybox:latest": DIGEST})
    found = map_references(resolve_images(RELEASE, BLUEPRINT, settings))
    assert found["db"] == "mirror.example/uepal/mysql:9"
    assert found["wait"] == f"mirror.example/uepal/busybox:latest@{DIGEST}"
    assert all(reference.startswith("mirror.example/uepal/") for reference in found.values())


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("busybox:latest", "busybox:latest"),
        ("uepal_test/init:1", "uepal_test/init:1"),
        ("localhost/a:1", "a:1"),
        ("ghcr.io/a/b:1", "a/b:1"),
        ("registry:5000/a", "a"),
    ],
)
def test_only_a_registry_is_taken_off(reference: str, path: str) -> None:
    assert strip_registry(reference) == path


def test_a_digest_that_is_named_already_stays() -> None:
    assert make_reference(f"a/b@{DIGEST}", mirror="", digest="sha256:" + "b" * 64) == f"a/b@{DIGEST}"


def test_no_pod_of_an_instance_pulls_past_the_mirror() -> None:
    spec = dataclasses.replace(make_case_spec(), release=RELEASE)
    objects = make_instance_objects(spec, ClusterSettings(image_mirror="mirror.example"), tls=TLS)
    images = list(_find_images(objects))
    assert len(images) > 5 and all(image.startswith("mirror.example/") for image in images)


def _find_images(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["image"]] if isinstance(node.get("image"), str) else []
        return own + [image for value in node.values() for image in _find_images(value)]
    return [image for value in node for image in _find_images(value)] if isinstance(node, list) else []
