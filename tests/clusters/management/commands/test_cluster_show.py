"""cluster_show: everything but the secrets."""

import pytest

from tests.clusters.samples import SECRET, make_cluster_row
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_a_cluster_is_shown_without_its_secrets() -> None:
    make_cluster_row(image_pull_config='{"auths": {"registry": {"auth": "hunter2"}}}')
    code, document = run_json("cluster_show", "strasbourg")
    assert code == 0 and document["kubeconfig_set"] and document["image_pull_config_set"]
    assert (document["server"], document["account"]) == ("https://cluster.example.org:6443", "token")
    shown = run_command("cluster_show", "strasbourg")[1]
    assert "https://cluster.example.org:6443" in shown
    for text in (SECRET, "hunter2"):
        assert text not in shown + str(document)
