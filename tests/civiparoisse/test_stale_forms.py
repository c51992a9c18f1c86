"""A form that was opened before another person's save is refused with what changed: each form that changes a row."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from backups.models import BackupPolicy, PolicyDefault
from campaigns.models import InstanceHold, ReleaseStanding, Volunteer
from clusters.models import Cluster
from finops.models import Budget, ClosedMonth, PriceSheet
from offsite.models import Destination
from operations.roles import GROUP_PREFIX
from parish_requests.models import ParishContact, RequestRules
from tenants.models import Plan, Release, Tenant
from tests.console.filled import fill_manager
from tests.console.form_values import read_form
from tests.people import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]

# Of each form that changes a row: a value that another person saves meanwhile, and its label.
EDITS: dict[type[Model], tuple[str, str, str]] = {
    Tenant: ("city", "Wissembourg", "Commune"),
    Plan: ("listen_backlog", "77", "ListenBacklog"),
    Release: ("versions", "civicrm: 9.9.9", "Versions"),
    PriceSheet: ("name", "Autre", "Nom"),
    Budget: ("amount", "77", "Montant"),
    ClosedMonth: ("invoice_total", "77", "Facturé"),
    BackupPolicy: ("label", "Autre", "Pour qui"),
    PolicyDefault: ("policy", "", "Politique"),
    Cluster: ("domain", "autre.example.org", "domaine"),
    ParishContact: ("name", "Autre", "Nom"),
    RequestRules: ("telephone", "03 88 25 90 00", "Téléphone de l’UEPAL"),
    Destination: ("at_most", "5", "Copies à la fois, au plus"),
    InstanceHold: ("reason", "Autre", "Motif"),
    Volunteer: ("note", "Autre", "Note"),
    ReleaseStanding: ("notes", "Autre", "Notes de la version"),
    User: ("first_name", "Autre", "Prénom"),
    Group: ("name", "Autre", "Nom"),
}


def get_row(model: type[Model]) -> Model | None:
    """Return the first row of its kind that people may change: the roles are kept by the product."""
    rows = model._default_manager.order_by("pk")
    return (rows.exclude(name__startswith=GROUP_PREFIX) if model is Group else rows).first()


def list_changed() -> set[type[Model]]:
    """Return every kind of row that some form of the administration changes."""
    request = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    rows = {model: get_row(model) for model in admin.site._registry}
    return {
        model
        for model, model_admin in admin.site._registry.items()
        if rows[model] is not None and model_admin.has_change_permission(request, rows[model])
    }


def open_form(client: Client, row: Model) -> tuple[str, dict[str, Any]]:
    """Return the address of the row's form, and what a browser would send back."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    answer = client.get(address)
    assert answer.status_code == 200
    return address, read_form(answer.content.decode(), f"{row._meta.model_name}_form")


def choose_other(row: PolicyDefault) -> str:
    """Return another policy than the row's."""
    return str(BackupPolicy.objects.exclude(pk=row.policy_id).values_list("pk", flat=True)[0])


def test_every_form_that_changes_a_row_is_tried_here() -> None:
    fill_manager()
    assert list_changed() == set(EDITS)


@pytest.mark.parametrize("model", EDITS, ids=lambda model: model.__name__)
def test_the_second_of_two_who_change_a_row_is_told_what_changed_and_overwrites_nothing(model: type[Model]) -> None:
    fill_manager()
    name, value, label = EDITS[model]
    row = get_row(model)
    assert row is not None
    if isinstance(row, PolicyDefault):
        value = choose_other(row)
    first, second = make_client(name="marie", superuser=True), make_client(name="luc", superuser=True)
    address, opened = open_form(first, row)
    _address, values = open_form(second, row)
    answer = second.post(address, {**values, name: value})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row.refresh_from_db()
    saved = getattr(row, row._meta.get_field(name).attname)
    answer = first.post(address, opened)
    page = answer.content.decode()
    assert answer.status_code == 200 and "rien n’a été enregistré" in page and "luc" in page
    assert f"Modifié depuis : {label}".lower() in page.lower()
    row.refresh_from_db()
    assert getattr(row, row._meta.get_field(name).attname) == saved
    # What was refused stays refused until it is opened again; opened again, it is taken.
    assert first.post(address, read_form(page, f"{row._meta.model_name}_form")).status_code == 200
    _address, again = open_form(first, row)
    assert first.post(address, again).status_code == 302


def test_what_programs_change_counts_too_and_a_password_is_never_told() -> None:
    fill_manager()
    row = Tenant.objects.get(slug="saint-paul")
    Tenant.objects.filter(pk=row.pk).update(smtp_host="smtp.example.org", smtp_user="paul", smtp_port=587)
    client = make_client(name="marie", superuser=True)
    address, opened = open_form(client, row)
    row = Tenant.objects.get(slug="saint-paul")
    row.smtp_password = "un mot que personne ne voit"
    row.save()
    page = client.post(address, opened).content.decode()
    assert "rien n’a été enregistré" in page and "Modifié depuis : mot de passe SMTP" in page
    assert "un mot que personne" not in page


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_a_row_of_a_form_s_table_counts_too(change: str) -> None:
    fill_manager()
    sheet = PriceSheet.objects.filter(lines__isnull=False).distinct()[0]
    client = make_client(name="marie", superuser=True)
    address, opened = open_form(client, sheet)
    line = sheet.lines.all()[0]
    if change == "changed":
        sheet.lines.filter(pk=line.pk).update(amount=77)
    elif change == "added":
        line.pk, line.name = None, "une de plus"
        line.save()
    else:
        line.delete()
    page = client.post(address, opened).content.decode()
    assert "rien n’a été enregistré" in page and "Modifié depuis" in page


def test_saving_what_nobody_changed_is_taken_also_twice() -> None:
    fill_manager()
    client = make_client(name="marie", superuser=True)
    for model in EDITS:
        for _number in range(2):
            row = get_row(model)
            assert row is not None
            address, opened = open_form(client, row)
            assert client.post(address, opened).status_code == 302, model


@pytest.mark.parametrize("token", ["{", "[]", json.dumps({"at": "hier", "values": {}}), "x" * 9])
def test_a_fingerprint_that_is_none_is_refused_and_no_error(token: str) -> None:
    fill_manager()
    client = make_client(name="marie", superuser=True)
    address, opened = open_form(client, Budget.objects.all()[0])
    answer = client.post(address, {**opened, "read_version": token})
    assert answer.status_code == 200 and "rien n’a été enregistré" in answer.content.decode()


def test_what_was_deleted_meanwhile_is_told() -> None:
    fill_manager()
    row = Group.objects.all()[0]
    client = make_client(name="marie", superuser=True)
    address, opened = open_form(client, row)
    row.delete()
    answer = client.post(address, opened, follow=True)
    assert answer.status_code == 200 and "existe pas" in answer.content.decode()


def test_settings_that_are_no_columns_count_too_and_no_secret_is_told() -> None:
    fill_manager()
    row = Destination.objects.get()
    client = make_client(name="marie", superuser=True)
    address, opened = open_form(client, row)
    row.settings = {**row.settings, "bucket": "others", "secret_access_key": "un mot que personne ne voit"}
    row.save()
    page = client.post(address, opened).content.decode()
    assert "rien n’a été enregistré" in page and "un mot que personne" not in page
    row.refresh_from_db()
    assert row.settings["bucket"] == "others"
