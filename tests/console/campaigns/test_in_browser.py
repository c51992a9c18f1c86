"""A campaign before people in a real Chromium: begun by the keyboard on a telephone, followed on a large screen."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from campaigns.models import Campaign
from domain.campaigns import MemberState
from tests.console.browser import enter, run_browser
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member
from tests.console.test_accessibility import list_faults, press_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/campaigns/campaign/"
IS_WIDER = "document.scrollingElement.scrollWidth > window.innerWidth"


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def check(page: Any, axe: Axe, pictures: str, name: str) -> None:
    """Refuse what axe refuses and what is wider than the window; keep a picture where that is asked for."""
    if pictures:
        page.screenshot(path=Path(pictures) / f"{name}.png", full_page=True)
    assert list_faults(page, axe) == [], name
    assert not page.evaluate(IS_WIDER), name


def test_a_campaign_is_begun_on_a_telephone_and_followed_on_a_large_screen(live_server: Any) -> None:
    make_fleet(("saint-jean", "saint-luc", "saint-paul", "sainte-marie"))
    pictures = os.environ.get("CIVIPAROISSE_TEST_PICTURES", "")
    with run_browser() as context:
        enter(context, live_server.url, User.objects.create_superuser("anne"))
        page, axe = context.new_page(), Axe()
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(live_server.url + LIST)
        check(page, axe, pictures, "empty")
        press_until(page, "Commencer une campagne")
        check(page, axe, pictures, "kinds")
        press_until(page, "Sauvegarder")
        check(page, axe, pictures, "form")
        press_until(page, "Montrer ce qu’elle ferait")
        check(page, axe, pictures, "plan")
        press_until(page, "L’enregistrer et la lancer")
        campaign = Campaign.objects.get()
        assert campaign.state == "running" and page.url.endswith(f"{LIST}{campaign.pk}/change/")
        check(page, axe, pictures, "small")
        set_member(campaign, "saint-jean", MemberState.DONE)
        set_member(campaign, "saint-luc", MemberState.FAILED, error_code="job_lost")
        set_member(campaign, "saint-paul", MemberState.RUNNING)
        # What is under way is read again by itself, and said once.
        page.wait_for_function("document.querySelector('[role=status]').textContent.includes('échec')", timeout=60_000)
        page.set_viewport_size({"width": 1280, "height": 900})
        check(page, axe, pictures, "large")
        press_until(page, "Mettre en pause…")
        check(page, axe, pictures, "pause")
        press_until(page, "Mettre en pause")
        campaign.refresh_from_db()
        assert campaign.state == "paused"
        page.goto(live_server.url + LIST)
        check(page, axe, pictures, "list")
        page.goto(f"{live_server.url}{LIST}{campaign.pk}/members/")
        check(page, axe, pictures, "members")


def test_without_scripts_everything_is_there(live_server: Any) -> None:
    make_fleet()
    campaign = make_campaign(is_started=True)
    with run_browser() as context:
        browser = context.browser
        assert browser is not None
        bare = browser.new_context(java_script_enabled=False, locale="fr-FR")
        enter(bare, live_server.url, User.objects.create_superuser("anne"))
        page = bare.new_page()
        page.goto(f"{live_server.url}{LIST}{campaign.pk}/steer/pause/")
        page.locator("button[type=submit]", has_text="Mettre en pause").click()
        page.wait_for_url(f"**{LIST}{campaign.pk}/change/")
        assert page.locator(".cp-cell").count() >= 3
        campaign.refresh_from_db()
        assert campaign.state == "paused"
