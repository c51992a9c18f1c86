"""Each value of a cluster's settings has one recorded form, and what Kubernetes would refuse is refused at the door."""

from collections.abc import Callable
from typing import Any

import pytest

from clusters import values
from domain.errors import InvalidValue

ACCEPTED: list[tuple[Callable[[str, object], Any], object, object]] = [
    (values.parse_address, "ingress.example.org:8443", "ingress.example.org:8443"),
    (values.parse_address, "192.0.2.10", "192.0.2.10"),
    (values.parse_address, "", ""),
    (values.parse_name, "strasbourg-1", "strasbourg-1"),
    (values.parse_label, "", ""),
    (values.parse_label, "traefik", "traefik"),
    (values.parse_object_name, "fast.example.org", "fast.example.org"),
    (values.parse_domain, "Paroisses.Example.ORG", "paroisses.example.org"),
    (values.parse_domain, "", ""),
    (values.parse_address, "Pages.example.org:8443", "pages.example.org:8443"),
    (values.parse_address, "10.0.0.1", "10.0.0.1"),
    (values.parse_address, "", ""),
    (values.parse_api_group, "traefik.containo.us/v1alpha1", "traefik.containo.us/v1alpha1"),
    (values.make_choice(("a", "b")), "b", "b"),
    (values.make_count(1, 50), "7", 7),
    (values.make_count(0, 5), 0, 0),
    (values.parse_networks, ["10.0.0.0/8", "FC00::/7"], ["10.0.0.0/8", "fc00::/7"]),
    (values.parse_labels, {"app.kubernetes.io/name": "traefik"}, {"app.kubernetes.io/name": "traefik"}),
    (values.parse_annotations, {"example.org/way": "{host} é"}, {"example.org/way": "{host} é"}),
    (values.parse_entry_points, ["webSecure"], ["webSecure"]),
    (
        values.parse_pull_config,
        '{"auths": {"registry": {"auth": "eA=="}}}',
        '{"auths": {"registry": {"auth": "eA=="}}}',
    ),
]
REFUSED: list[tuple[Callable[[str, object], Any], object]] = [
    (values.parse_name, "Strasbourg"),
    (values.parse_name, "-a"),
    (values.parse_name, "a.b"),
    (values.parse_name, "a" * 41),
    (values.parse_name, ""),
    (values.parse_name, 3),
    (values.parse_label, "a" * 64),
    (values.parse_object_name, "a..b"),
    (values.parse_object_name, "a/b"),
    (values.parse_domain, "localhost"),
    (values.parse_domain, "10.0.0.1"),
    (values.parse_domain, "a b.org"),
    (values.parse_address, "https://example.org"),
    (values.parse_address, "example.org:0"),
    (values.parse_address, "example.org:"),
    (values.parse_address, ":443"),
    (values.parse_api_group, "traefik.io"),
    (values.parse_api_group, "traefik.io/1"),
    (values.make_choice(("a",)), "c"),
    (values.make_choice(("a",)), ["a"]),
    (values.make_count(1, 50), 0),
    (values.make_count(1, 50), 51),
    (values.make_count(1, 50), True),
    (values.make_count(1, 50), "1.5"),
    (values.parse_networks, ["10.0.0.1/8"]),
    (values.parse_networks, ["everywhere"]),
    (values.parse_networks, "10.0.0.0/8"),
    (values.parse_networks, [10]),
    (values.parse_labels, {}),
    (values.parse_labels, {"a b": "c"}),
    (values.parse_labels, {"a": "b c"}),
    (values.parse_labels, {"a": 1}),
    (values.parse_labels, {"a": "b" * 64}),
    (values.parse_annotations, {"a b": "c"}),
    (values.parse_annotations, {"a": "b" * 5000}),
    (values.parse_annotations, ["a"]),
    (values.parse_address, "ingress.example.org:"),
    (values.parse_address, "ingress.example.org:70000"),
    (values.parse_address, "https://ingress.example.org"),
    (values.parse_entry_points, []),
    (values.parse_entry_points, ["a b"]),
    (values.parse_pull_config, "{"),
    (values.parse_pull_config, "[]"),
    (values.parse_pull_config, '{"auths": {}}'),
]


@pytest.mark.parametrize(("parse", "given", "recorded"), ACCEPTED)
def test_what_is_accepted_is_recorded_in_one_form(
    parse: Callable[[str, object], Any], given: object, recorded: object
) -> None:
    assert parse("field", given) == recorded
    assert parse("field", recorded) == recorded


@pytest.mark.parametrize(("parse", "given"), REFUSED)
def test_what_is_refused_names_its_field(parse: Callable[[str, object], Any], given: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse("this", given)
    assert refused.value.params["field"] == "this" and refused.value.params["reason"]


def test_an_engine_s_name_is_taken() -> None:
    with pytest.raises(InvalidValue):
        values.parse_name("name", "local", taken=("local",))


def test_an_account_s_document_is_never_quoted() -> None:
    with pytest.raises(InvalidValue) as refused:
        values.parse_pull_config("image_pull_config", '{"auths": "hunter2"')
    assert "hunter2" not in str(refused.value.params)
