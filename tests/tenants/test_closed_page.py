"""The page of a closed site says in French what visitors need to know, and nothing else."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.utils.translation import override

from domain.closed_page import ClosedPage, Closing
from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState
from tenants.closed_page import make_closed_page, word_back_at
from tenants.models import Instance
from tenants.specs import make_instance_spec
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
BACK_AT = datetime(2026, 11, 30, 13, 31, 20, tzinfo=UTC)


def make_closed(
    state: InstanceState = InstanceState.RESTORING, *, closing: str = Closing.FOR_NOW, **values: object
) -> Instance:
    instance = make_instance_row(state=state)
    instance.closing = closing
    for name, value in values.items():
        setattr(instance, name, value)
    return instance


def render(instance: Instance) -> ClosedPage:
    page = make_closed_page(instance)
    assert page is not None
    return page


def test_it_says_in_french_when_the_site_is_back() -> None:
    with override("en"):
        page = render(make_closed(back_at=BACK_AT))
    assert "Retour vers 14:32." in page.page and "fermé pour un moment" in page.page
    assert "plus longtemps que prévu" in page.late_page and "14:32" not in page.late_page
    assert page.back_at == BACK_AT and word_back_at(BACK_AT) == "14:32"
    assert '<html lang="fr">' in page.page


def test_it_says_nothing_of_a_time_that_nobody_measured() -> None:
    page = render(make_closed())
    assert page.back_at is None and "vers" not in page.page and "plus longtemps" not in page.page


def test_a_site_that_stays_closed_says_so_without_a_time() -> None:
    page = render(make_closed(InstanceState.FAILED, closing=Closing.UNTIL_MENDED, back_at=BACK_AT))
    assert page.back_at is None and page.page == page.late_page
    assert "reste fermé" in page.page and "14:32" not in page.page and "de lui-même" not in page.page


def test_it_needs_no_script_and_nothing_from_elsewhere() -> None:
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    instance = make_closed()
    instance.tenant.name = "<script>alert('Étupes')</script>"
    page = render(instance)
    Reader().feed(page.page)
    assert {tag for tag, _ in seen} & {"script", "link", "img", "iframe", "form", "a"} == set()
    assert not any(
        {"src", "href", "style", "http-equiv"} & set(given) or any(name.startswith("on") for name in given)
        for _, given in seen
    )
    assert "&lt;script&gt;" in page.page


@pytest.mark.parametrize("state", [InstanceState.SUSPENDING, InstanceState.SUSPENDED, InstanceState.DELETING])
def test_what_is_stopped_because_somebody_wanted_it_has_no_page(state: InstanceState) -> None:
    assert make_closed_page(make_closed(state)) is None


def test_an_open_site_has_none_and_a_spec_shows_it_only_without_the_web_server() -> None:
    instance = make_closed()
    assert make_instance_spec(instance, components=ALL_COMPONENTS).closed_page is None
    assert make_instance_spec(instance, components=frozenset({Component.DB})).closed_page == make_closed_page(instance)
    instance.closing = ""
    assert make_instance_spec(instance, components=frozenset({Component.DB})).closed_page is None


def test_the_page_tells_no_secret() -> None:
    instance = make_closed(back_at=BACK_AT)
    spec = make_instance_spec(instance, components=frozenset({Component.DB}))
    assert spec.closed_page is not None
    for secret in instance.secrets.values():
        assert secret not in spec.closed_page.page
    assert instance.identifier not in spec.closed_page.page, "no machine's name"
