"""Every kind that a blueprint may make has its path, and no name leaves its place in one."""

from engine.kubernetes.paths import PLURALS, Reference, make_collection_path, make_path, make_reference
from manifests.check import FIELDS
from tests.manifests.cases import make_case_objects, make_cases


def test_every_kind_of_every_case_has_a_path() -> None:
    assert set(PLURALS) >= set(FIELDS)
    for case in make_cases():
        for object_ in make_case_objects(case):
            assert make_path(make_reference(object_)).endswith(f"/{object_['metadata']['name']}")


def test_paths_are_the_api_s() -> None:
    namespace = Reference("v1", "Namespace", "", "saint-paul")
    server = Reference("apps/v1", "StatefulSet", "saint-paul", "paroisse-set-db")
    assert make_path(namespace) == "/api/v1/namespaces/saint-paul"
    assert make_path(server) == "/apis/apps/v1/namespaces/saint-paul/statefulsets/paroisse-set-db"
    assert make_collection_path("v1", "Pod") == "/api/v1/pods"
    assert str(server) == "StatefulSet/paroisse-set-db"


def test_a_name_stays_one_part_of_the_path() -> None:
    assert make_path(Reference("v1", "Secret", "a/b", "../x")) == "/api/v1/namespaces/a%2Fb/secrets/..%2Fx"
