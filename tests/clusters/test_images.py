"""Images of an instance, as the doors show them."""

import pytest

from clusters.images import list_images
from tests.clusters.samples import make_cluster_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_every_image_is_told_with_who_names_it() -> None:
    make_cluster_row(settings={"image_mirror": "mirror.example"})
    instance = make_instance_row(engine="strasbourg")
    instance.release.images = {"db": "mysql:9"}
    shown = {image["role"]: image for image in list_images(instance)}
    assert shown["db"]["reference"] == "mirror.example/mysql:9" and shown["db"]["sources"] == ["release", "mirror"]
    assert shown["wait"]["sources"] == ["blueprint", "mirror"]


def test_the_local_engine_has_none() -> None:
    assert list_images(make_instance_row(engine="local")) == []
