"""From rows to the values that engines take."""

import dataclasses

import pytest

from domain.specs import ALL_COMPONENTS, Component, Prefork, Secrets
from tenants.models import Instance
from tenants.specs import (
    SECRET_LENGTHS,
    ensure_secrets,
    make_instance_spec,
    make_plan,
    make_secrets,
    make_site,
    select_wanted_components,
)
from tests.builders import make_plan as make_expected_plan
from tests.rows import make_instance_row, make_plan_row, make_tenant_row

pytestmark = pytest.mark.django_db


def test_the_plan_s_row_and_its_containers_become_one_value() -> None:
    assert make_plan(make_plan_row()) == dataclasses.replace(
        make_expected_plan(), name="test", prefork=Prefork(**dataclasses.asdict(make_expected_plan().prefork))
    )


def test_the_spec_holds_the_instance_and_what_shall_run() -> None:
    instance = make_instance_row()
    spec = make_instance_spec(instance, components=frozenset({Component.DB}))
    assert (spec.identifier, spec.tenant, spec.host) == ("saint-paul", "saint-paul", "www.saint-paul.example.org")
    assert spec.components == {Component.DB}
    assert spec.mail_enabled


def test_secrets_are_made_once_and_saved_before_they_are_used() -> None:
    instance = make_instance_row()
    made = ensure_secrets(instance)
    assert ensure_secrets(instance) == made
    assert ensure_secrets(Instance.objects.get()) == made


def test_secrets_that_an_instance_has_are_kept_when_one_is_new() -> None:
    instance = make_instance_row()
    made = dataclasses.asdict(ensure_secrets(instance))
    instance.secrets = {name: value for name, value in made.items() if name != "manifest_key"}
    instance.save()
    again = dataclasses.asdict(ensure_secrets(Instance.objects.get()))
    assert {name for name in made if made[name] != again[name]} == {"manifest_key"}


def test_one_key_signs_the_backups_of_all_instances_of_a_parish_and_of_no_other() -> None:
    production = make_instance_row()
    sandbox = Instance.objects.create(
        tenant=production.tenant,
        kind="sandbox",
        identifier="saint-paul-sandbox",
        host="www.saint-paul-sandbox.example.org",
        plan=production.plan,
        release=production.release,
    )
    other = make_instance_row("sainte-marie")
    keys = [ensure_secrets(instance).manifest_key for instance in (production, sandbox, other)]
    assert keys[0] == keys[1] != keys[2]
    assert ensure_secrets(production).db_password != ensure_secrets(sandbox).db_password


def test_every_secret_has_its_length_and_breaks_out_of_no_string() -> None:
    assert set(SECRET_LENGTHS) == {field.name for field in dataclasses.fields(Secrets)}
    first, second = make_secrets(), make_secrets()
    for name, length in SECRET_LENGTHS.items():
        assert len(first[name]) == length
        assert first[name].isascii()
        assert first[name].isalnum()
        assert first[name] != second[name]
    assert (len(first["drupal_admin_user"]), len(first["drupal_admin_password"])) == (12, 24)
    assert first["drupal_admin_password"].isalpha()


def test_a_row_s_secrets_are_encrypted_and_never_shown() -> None:
    spec = make_instance_spec(make_instance_row(), components=ALL_COMPONENTS)
    assert spec.secrets.db_password not in repr(spec)


def test_no_cron_is_wanted_when_it_is_switched_off() -> None:
    assert select_wanted_components(Instance(cron_enabled=True)) == ALL_COMPONENTS
    assert select_wanted_components(Instance(cron_enabled=False)) == {Component.DB, Component.HTTPD}


def test_mail_servers_are_there_only_when_they_were_given() -> None:
    tenant = make_tenant_row()
    assert (make_site(tenant).smtp, make_site(tenant).imap) == (None, None)
    tenant.smtp_host, tenant.smtp_port, tenant.smtp_user, tenant.smtp_password = "smtp.test", 587, "u", "p"
    tenant.imap_host, tenant.imap_port, tenant.imap_use_ssl, tenant.imap_folder = "imap.test", 993, True, "IN"
    site = make_site(tenant)
    assert site.smtp is not None
    assert (site.smtp.host, site.smtp.port, site.smtp.user, site.smtp.password) == ("smtp.test", 587, "u", "p")
    assert site.imap is not None
    assert (site.imap.host, site.imap.use_ssl, site.imap.folder) == ("imap.test", True, "IN")


def test_what_is_derived_comes_from_the_sub_domain() -> None:
    site = make_site(make_tenant_row())
    assert site.mail_domain == "saint-paul.uepal.net"
    assert site.bounce_localpart == "civibounce+"
    assert site.bounce_return_path == "contact@saint-paul.example.org"
