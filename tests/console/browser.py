"""A headless Chromium before the manager's pages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, sync_playwright

PROGRAM = "/usr/bin/chromium"
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--no-first-run", "--disable-dev-shm-usage", "--lang=fr-FR"]


@contextmanager
def run_browser() -> Iterator[BrowserContext]:
    """Give a browser's context in French; it ends with the block."""
    # Chromium refuses to start as root with its sandbox.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=flags)
        try:
            yield browser.new_context(locale="fr-FR", reduced_motion="reduce", viewport={"width": 1280, "height": 900})
        finally:
            browser.close()


def enter(context: BrowserContext, address: str, user: User) -> Client:
    """Sign `user` in to the manager at `address`; return a client with the same session."""
    client = Client()
    client.force_login(user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])
    return client
