"""Sub-domains, identifiers, hosts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.names import (
    LABEL,
    compute_host,
    compute_identifier,
    compute_slug,
    compute_trusted_host_pattern,
    find_host_template,
    is_host,
    parse_host_template,
    parse_slug,
)
from domain.specs import InstanceKind


@pytest.mark.parametrize(
    "slug", ["saint-paul", "a", "7", "st-pierre-le-jeune", "a" * 40, "nsa", "kubernetes", "mailing"]
)
def test_a_label_in_lower_case_is_accepted(slug: str) -> None:
    assert parse_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "A",
        "Saint-Paul",
        "é",
        "-a",
        "a-",
        "a.b",
        "a b",
        "a_b",
        "a" * 41,
        "a\n",
        "saint-paul\n",
        "а",
        "٣",
        "a/b",
        "..",
    ],
)
def test_what_is_no_label_is_refused(slug: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_slug(slug)
    assert caught.value.params["field"] == "slug"


@pytest.mark.parametrize(
    "slug",
    ["www", "mail", "api", "admin", "default", "kube-system", "kube-x", "ns1", "ns12", "mx2", "postmaster", "sandbox"],
)
def test_names_of_machines_mailboxes_and_namespaces_are_reserved(slug: str) -> None:
    with pytest.raises(InvalidValue):
        parse_slug(slug)


@pytest.mark.parametrize("slug", ["a-sandbox", "a-verification", "a-production", "a--b", "xn--bcher-kva"])
def test_what_could_be_taken_for_an_instance_is_refused(slug: str) -> None:
    with pytest.raises(InvalidValue):
        parse_slug(slug)


@pytest.mark.parametrize("value", [None, 12, ["a"], b"a"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        parse_slug(value)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Église Saint-Pierre-le-Jeune", "saint-pierre-le-jeune"),
        ("Paroisse de l'Ascension", "ascension"),
        ("Paroisse de l’Ascension", "ascension"),
        ("Paroisse Saint-Paul d'Étupes", "saint-paul-d-etupes"),
        ("Sacré-Cœur", "sacre-coeur"),
        ("Weißenburg", "weissenburg"),
        ("Église protestante réformée évangélique de Strasbourg-Neudorf et environs", "strasbourg-neudorf-et-environs"),
        ("Paroisse", "paroisse"),
        ("Mail", "paroisse-mail"),
        ("Be--B", "be-b"),
        ("X sandbox", ""),
        ("!!!", ""),
        ("", ""),
        ("a" * 60, ""),
    ],
)
def test_a_sub_domain_is_suggested_from_the_name(name: str, slug: str) -> None:
    assert compute_slug(name) == slug


@given(st.text())
def test_a_suggestion_is_always_acceptable(name: str) -> None:
    suggestion = compute_slug(name)
    assert suggestion == "" or parse_slug(suggestion) == suggestion


@given(st.from_regex(r"[a-z0-9-]{1,41}", fullmatch=True), st.from_regex(r"[a-z0-9-]{1,41}", fullmatch=True))
def test_two_parishes_never_share_an_identifier(one: str, other: str) -> None:
    try:
        slugs = {parse_slug(one), parse_slug(other)}
    except InvalidValue:
        return
    identifiers = [compute_identifier(slug, kind) for slug in slugs for kind in InstanceKind]
    assert len(set(identifiers)) == len(slugs) * len(InstanceKind)
    assert all(LABEL.fullmatch(identifier) and is_host(f"www.{identifier}.uepal.net") for identifier in identifiers)


def test_the_slug_is_the_identifier_of_production_only() -> None:
    assert [compute_identifier("saint-paul", kind) for kind in InstanceKind] == [
        "saint-paul",
        "saint-paul-sandbox",
        "saint-paul-verification",
    ]


def test_hosts_are_below_the_common_domain() -> None:
    host = compute_host("saint-paul-sandbox", "www.{slug}.{domain}", domain="uepal.net")
    assert host == "www.saint-paul-sandbox.uepal.net"


@pytest.mark.parametrize(
    ("text", "template", "host"),
    [
        ("{slug}.paroisses.example", "{slug}.paroisses.example", "saint-paul.paroisses.example"),
        (" {SLUG}.{Domain} ", "{slug}.{domain}", "saint-paul.uepal.net"),
        ("paroisse-{slug}.example", "paroisse-{slug}.example", "paroisse-saint-paul.example"),
        ("www.{slug}.{domain}", "www.{slug}.{domain}", "www.saint-paul.uepal.net"),
    ],
)
def test_a_template_makes_hosts(text: str, template: str, host: str) -> None:
    assert parse_host_template(text) == template
    assert compute_host("saint-paul", template, domain="uepal.net") == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "www.example.org",
        "{slug}",
        "{slug}.{slug}.example",
        "{slug}.{domain}.{domain}",
        "www.example.{slug}",
        "{slug}-of-a-parish.example",
        "{slug}..example",
        "{slug}_x.example",
        "{slug}.exämple",
        "{slug}.example/path",
        "{slug}.{town}.example",
        "https://{slug}.example",
        ".".join(["{slug}", *["a" * 50] * 4, "example"]),
        None,
        7,
    ],
)
def test_what_makes_no_host_of_its_own_for_each_is_refused(text: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_host_template(text)
    assert caught.value.params["field"] == "host_template"


@pytest.mark.parametrize(
    "template", ["www.{slug}.uepal.net", "{slug}.uepal.net", "paroisse-{slug}.uepal.net", "{slug}.{domain}"]
)
@pytest.mark.parametrize("identifier", ["saint-paul", "w", "uepal", "net", "paroisse"])
def test_another_instance_beside_one_has_a_host_of_its_own(template: str, identifier: str) -> None:
    host = compute_host(identifier, template, domain="uepal.net")
    beside = compute_host(f"{identifier}-verification", find_host_template(host, identifier), domain="uepal.net")
    assert is_host(beside) and beside != host and f"{identifier}-verification" in beside.split(".")
    if template.startswith(("www.", "{slug}")):
        assert beside == compute_host(f"{identifier}-verification", template, domain="uepal.net")


def test_the_trusted_host_pattern_matches_the_host_and_nothing_else() -> None:
    host = compute_host("saint-paul", "www.{slug}.{domain}", domain="uepal.net")
    pattern = compute_trusted_host_pattern(host)
    assert pattern == r"^www\.saint-paul\.uepal\.net$"
    assert re.match(pattern, host)
    assert not re.match(pattern, "wwwxsaint-paul.uepal.net")
    assert not re.match(pattern, host + ".evil.example")


@pytest.mark.parametrize(
    "text", ["", "a.", ".a", "a..b", "A.b", "1.2.3.4", "a_b.c", "-a.b", "a" * 64, "a." * 127 + "bb"]
)
def test_what_is_no_host_name(text: str) -> None:
    assert not is_host(text)
