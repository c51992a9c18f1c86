"""Labels find what is ours, in pods too, and leave selectors alone."""

from manifests.labels import add_labels, is_ours, make_job_labels, make_labels
from manifests.workloads import find_pod_template
from tests.manifests.cases import DEFAULT, make_case_objects, make_job_objects


def test_every_object_and_every_pod_has_the_labels_of_its_instance() -> None:
    labels = make_labels("saint-paul")
    for object_ in [*make_case_objects(DEFAULT), *make_job_objects()]:
        holders = [object_, find_pod_template(object_)]
        for holder in filter(None, holders):
            assert labels.items() <= holder["metadata"]["labels"].items()
        assert is_ours(object_)


def test_what_others_made_is_not_ours() -> None:
    assert not is_ours({"metadata": {"name": "saint-paul"}})
    assert not is_ours({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}})


def test_own_labels_stay() -> None:
    object_ = {"metadata": {"labels": {"app.kubernetes.io/component": "db"}}}
    add_labels(object_, {"app.kubernetes.io/component": "other", "x": "y"})
    assert object_["metadata"]["labels"] == {"app.kubernetes.io/component": "db", "x": "y"}


def test_servers_are_selected_by_labels_that_never_change() -> None:
    for object_ in make_case_objects(DEFAULT):
        if object_["kind"] == "StatefulSet":
            selector = object_["spec"]["selector"]["matchLabels"]
            assert list(selector) == ["app"]
            assert selector.items() <= object_["spec"]["template"]["metadata"]["labels"].items()


def test_labels_of_runs() -> None:
    assert make_job_labels("init-1", "init") == {
        "civiparoisse.uepal.fr/job": "init-1",
        "civiparoisse.uepal.fr/program": "init",
    }
