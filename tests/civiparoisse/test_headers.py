"""What browsers and proxies are told: nothing is kept, nothing foreign runs; and the production settings are clean."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/admin/", "/admin/login/", "/admin/tenants/tenant/", "/admin/finops/", "/api/v1/tenants/", "/api/v1/nothing")


@pytest.mark.parametrize("address", PAGES)
def test_no_answer_is_stored_framed_or_guessed(admin_client: Client, address: str) -> None:
    for client in (admin_client, Client()):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


def test_the_policy_lets_no_inline_and_no_foreign_script_run(admin_client: Client) -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in admin_client.get("/admin/")["Content-Security-Policy"].split(";")
    )
    assert policy["script-src"].split() == ["'self'", "'unsafe-eval'"]
    assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"


def test_a_session_lasts_a_working_day_from_the_sign_in_on(admin_client: Client) -> None:
    session = admin_client.session
    assert session.get_expiry_age() == 8 * 3600
    admin_client.get("/admin/")
    assert "sessionid" not in admin_client.get("/admin/").cookies


def test_production_settings_pass_every_check(tmp_path: Path) -> None:
    environment = os.environ | {
        "CIVIPAROISSE_STATE_DIR": str(tmp_path),
        "CIVIPAROISSE_BEHIND_TLS": "1",
        "CIVIPAROISSE_ALLOWED_HOSTS": "manager.example.org",
        "CIVIPAROISSE_SECRET_KEY": "Zk3vN8qTfW1xLr6pYc0sHb9dJm4gUe7aKi2oVt5wQnXzRyBC-_EFGHI",
        "DJANGO_SETTINGS_MODULE": "civiparoisse.settings",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
