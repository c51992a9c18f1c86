"""Pages in a real browser: they work under the content security policy, and break it nowhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

CHROMIUM = "/usr/bin/chromium"
# Heard before anything of the page runs.
LISTEN = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
WORKS = "() => window.Alpine !== undefined && !document.querySelector('html[x-cloak]')"
ATTACK = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.owned = 1';
  document.head.append(script);
}"""
PAGES = (
    "/admin/login/",
    "/admin/",
    "/admin/tenants/tenant/",
    "/admin/tenants/tenant/add/",
    "/admin/tenants/instance/",
    "/admin/tenants/instance/{pk}/change/",
    "/admin/tenants/instance/{pk}/ask/restore/",
    "/admin/operations/operation/",
    "/admin/backups/backup/",
    "/admin/finops/",
    "/admin/api/apitoken/add/",
    "/admin/auth/user/add/",
)


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Run Debian's Chromium, headless. No row is read in this thread meanwhile: Playwright's event loop is in it."""
    flags = ["--disable-gpu", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.mark.django_db(transaction=True)
def test_no_page_breaks_the_policy_and_no_script_put_into_one_runs(live_server: Any, admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance, hours_ago=1)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": admin_client.cookies[settings.SESSION_COOKIE_NAME].value}
    broken, errors = {}, []
    with run_browser() as browser:
        context = browser.new_context()
        context.add_init_script(LISTEN)
        context.add_cookies([{**cookie, "url": live_server.url}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        for address in PAGES:
            answer = page.goto(live_server.url + address.format(pk=instance.pk), wait_until="load")
            assert answer is not None and answer.ok, address
            page.wait_for_function(WORKS)
            broken[address] = page.evaluate("() => window.violations")
        page.evaluate(ATTACK)
        owned, violations = page.evaluate("() => [window.owned, window.violations.length]")
    assert not any(broken.values()), broken
    assert errors == []
    assert (owned, violations) == (None, 1)
