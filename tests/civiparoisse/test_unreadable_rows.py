"""A row whose key is missing is told in its place: every list, every other row and every page still answers."""

import logging
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, override_settings
from django.urls import reverse

from clusters.models import Cluster
from domain.states import InstanceState
from offsite.destinations import create_destination
from offsite.models import Destination
from tenants.encryption import UnreadableSecret
from tenants.models import Instance, Tenant
from tests.clusters.samples import make_cluster_row
from tests.keys import NEW_KEY, OLD_KEY, make_keys
from tests.people import make_client
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A superuser, before a fleet of which every secret was written with a key that is gone."""
    with override_settings(FIELD_KEYS=make_keys(old=OLD_KEY)):
        client = make_client(superuser=True)
        make_cluster_row(ingress_kind="none")
        access = {"access_key_id": "reader", "secret_access_key": "x"}
        create_destination({"name": "s3", "kind": "s3", "bucket": "copies", **access}, requested_by="test")
        for slug, engine in (("saint-paul", "fake"), ("sainte-marie", "strasbourg")):
            instance = make_instance_row(slug, state=InstanceState.ACTIVE, engine=engine)
            Instance.objects.filter(pk=instance.pk).update(secrets={"db_password": "x"})
        Tenant.objects.update(smtp_password="x", imap_password="y")
    return client


def list_addresses() -> list[str]:
    """Return the lists of the administration, the pages of the unreadable rows, and the lists of the API's kin."""
    addresses = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]
    for model in (Instance, Tenant, Cluster, Destination):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        addresses += [reverse(name, args=[pk]) for pk in model.objects.values_list("pk", flat=True)]
    addresses += [f"/admin/offsite/destination/{pk}/page/" for pk in Destination.objects.values_list("pk", flat=True)]
    return addresses + ["/admin/", "/admin/finops/", reverse("overview")]


def test_every_page_answers_although_no_secret_can_be_read(client: Client, caplog: Any) -> None:
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)), caplog.at_level(logging.ERROR):
        assert isinstance(Cluster.objects.get().kubeconfig, UnreadableSecret)
        answers = {address: client.get(address).status_code for address in list_addresses()}
    assert {address: code for address, code in answers.items() if code not in (200, 302)} == {}


def test_the_row_says_so_in_its_place(client: Client) -> None:
    with override_settings(FIELD_KEYS=make_keys(new=NEW_KEY)):
        page = client.get(reverse("admin:clusters_cluster_changelist")).content.decode()
    assert "strasbourg" in page
    assert "illisible" in page
