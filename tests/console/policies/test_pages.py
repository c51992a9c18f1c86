"""Backup policies in the administration."""

import pytest
from django.test import Client

from backups.models import BackupPolicy
from tests.console.policies.test_forms import fill
from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db
POLICIES = "/admin/backups/backuppolicy/"


def test_policies_are_listed_made_and_changed(admin_client: Client) -> None:
    page = read_page(admin_client, POLICIES)
    assert "critical" in page and "jours conservés: 30" in page
    answer = admin_client.post(f"{POLICIES}add/", fill(hours=["22"]))
    assert answer.status_code == 302, answer.context["errors"]
    policy = BackupPolicy.objects.get(name="own")
    assert "Heures de la nuit" in read_page(admin_client, f"{POLICIES}{policy.pk}/change/")
    assert admin_client.post(f"{POLICIES}{policy.pk}/change/", fill(keep_daily=9)).status_code == 302
    policy.refresh_from_db()
    assert (policy.keep_daily, policy.hours) == (9, [])
    assert admin_client.post(f"{POLICIES}{policy.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not BackupPolicy.objects.filter(name="own").exists()


def test_a_policy_in_use_stays(admin_client: Client) -> None:
    policy = BackupPolicy.objects.get(name="critical")
    admin_client.post(f"{POLICIES}{policy.pk}/delete/", {"post": "yes"})
    assert BackupPolicy.objects.filter(name="critical").exists()


def test_defaults_are_changed_and_never_deleted(admin_client: Client) -> None:
    row = BackupPolicy.objects.get(name="critical").defaults.get()
    page = f"/admin/backups/policydefault/{row.pk}/"
    low = BackupPolicy.objects.get(name="low")
    assert admin_client.post(f"{page}change/", {"kind": "production", "policy": low.pk}).status_code == 302
    row.refresh_from_db()
    assert row.policy == low


def test_production_is_given_no_default_that_backs_up_a_part(admin_client: Client) -> None:
    assert admin_client.post(f"{POLICIES}add/", fill(scope="files")).status_code == 302
    critical, part = (BackupPolicy.objects.get(name=name) for name in ("critical", "own"))
    page = f"/admin/backups/policydefault/{critical.defaults.get().pk}/change/"
    answer = admin_client.post(page, {"kind": "production", "policy": part.pk})
    assert "policy" in answer.context["adminform"].form.errors
    assert critical.defaults.get().kind == "production"
    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403


def test_who_may_not_look_does_not() -> None:
    assert make_client("tenants.view_instance").get(POLICIES).status_code == 403
