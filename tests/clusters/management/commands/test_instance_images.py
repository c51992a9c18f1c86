"""instance_images: what is pulled, and who says so."""

import pytest

from tests.clusters.samples import make_cluster_row
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_line_per_image() -> None:
    make_cluster_row(settings={"image_mirror": "mirror.example"})
    make_instance_row(engine="strasbourg")
    code, document = run_json("instance_images", "saint-paul")
    assert code == 0 and all(image["reference"].startswith("mirror.example/") for image in document["images"])
    shown = run_command("instance_images", "saint-paul")[1]
    assert len(shown.strip().splitlines()) == len(document["images"]) and "mirror" in shown


def test_an_unknown_instance_is_a_refusal() -> None:
    assert run_json("instance_images", "nobody")[0] == 1
