"""What the namespace remembers survives others' writes, and a discarded set never comes back."""

import pytest

from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectChanged
from engine.kubernetes.records import (
    KEPT,
    SETS,
    NamespaceRecord,
    format_references,
    make_namespace_reference,
    make_sets_change,
    merge_sets,
    parse_namespace,
    parse_references,
    read_namespace,
    update_namespace,
)
from manifests.instance import finish_object
from manifests.labels import MANAGER_LABEL
from tests.engine.kubernetes.fake_api import FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, Object
from tests.manifests.cases import DEFAULT, make_case_objects


def put_namespace(api: FakeApi, *, ours: bool = True, **annotations: str) -> None:
    namespace: Object = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE, "annotations": annotations},
    }
    if ours:
        finish_object(namespace, NAMESPACE)
        namespace["metadata"]["labels"][MANAGER_LABEL] = ""
    api.put(namespace)


def make_record(**values: object) -> NamespaceRecord:
    return NamespaceRecord(name=NAMESPACE, ours=True, resource_version="1", **values)  # type: ignore[arg-type]


def test_references_of_an_instance_come_back_as_they_were() -> None:
    from engine.kubernetes.paths import make_reference

    references = tuple(make_reference(one) for one in make_case_objects(DEFAULT)[1:])
    assert parse_references(format_references(references), NAMESPACE) == references
    assert parse_references("", NAMESPACE) == parse_references("odd words", NAMESPACE) == ()


def test_a_namespace_that_ends_says_what_holds_it() -> None:
    conditions = [
        {"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining: pods"},
        {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "All content deleted"},
    ]
    metadata = {"name": NAMESPACE, "deletionTimestamp": "2026-11-25T22:00:00Z"}
    record = parse_namespace({"metadata": metadata, "status": {"conditions": conditions}})
    assert (record.ending, record.ours) == ("Some resources are remaining: pods", False)


def test_nothing_there_and_somebody_else_s_are_never_written(api: FakeApi, client: ClusterClient) -> None:
    assert update_namespace(client, NAMESPACE, lambda _record: {KEPT: "true"}) is None
    put_namespace(api, ours=False)
    assert update_namespace(client, NAMESPACE, lambda _record: {KEPT: "true"}) is None
    assert api.count("PATCH") == 0


def test_what_is_so_already_is_not_written_and_others_writes_are_kept(api: FakeApi, client: ClusterClient) -> None:
    put_namespace(api, other="x")
    record = update_namespace(client, NAMESPACE, lambda _record: {KEPT: "true"})
    assert record is not None and record.kept
    update_namespace(client, NAMESPACE, lambda _record: {KEPT: "true"})
    assert api.count("PATCH") == 1
    update_namespace(client, NAMESPACE, lambda _record: {KEPT: None})
    found = read_namespace(client, NAMESPACE)
    assert found is not None and not found.kept
    assert api.get("Namespace", NAMESPACE)["metadata"]["annotations"]["other"] == "x"


def test_a_change_meanwhile_is_read_before_it_is_written_over(api: FakeApi, client: ClusterClient) -> None:
    put_namespace(api)

    def add(record: NamespaceRecord) -> dict[str, str | None]:
        if not record.sets:  # somebody else writes between our reading and our writing, once
            other = {"metadata": {"annotations": {SETS: "first"}}}
            client.merge(make_namespace_reference(NAMESPACE), other, manager="other", instance=NAMESPACE)
        return make_sets_change(*merge_sets(record, made=("second",)))

    record = update_namespace(client, NAMESPACE, add)
    assert record is not None and record.sets == ("first", "second")


def test_a_fight_without_end_is_given_up(api: FakeApi, client: ClusterClient) -> None:
    put_namespace(api)
    api.fault = lambda method, _path: status(409, "Conflict") if method == "PATCH" else None
    with pytest.raises(ObjectChanged):
        update_namespace(client, NAMESPACE, lambda _record: {KEPT: "true"})


def test_a_discarded_set_never_comes_back() -> None:
    sets, gone = merge_sets(make_record(sets=("a",)), made=("b", "c"))
    assert (sets, gone) == (("a", "b", "c"), ())
    sets, gone = merge_sets(make_record(sets=sets), discarded=("b",))
    assert (sets, gone) == (("a", "c"), ("b",))
    assert merge_sets(make_record(sets=sets, discarded=gone), made=("b",))[0] == ("a", "c")
