"""Parishes and instances as rows: made once, changed under their rules, deleted only when nothing is left."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from domain.errors import CiviparoisseError, NotFound
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Plan, Release, Tenant
from tenants.registry import (
    create_instance,
    create_tenant,
    delete_tenant,
    get_default_plan,
    get_default_release,
    get_plan,
    get_release,
    get_tenant,
    update_tenant,
)
from tests.parishes import make_parish

pytestmark = pytest.mark.django_db


def create(slug: str = "saint-paul", **changes: Any) -> Tenant:
    return create_tenant(make_parish(slug, **changes), requested_by="test")


def refuse(code: str, call: Any, *args: Any, **options: Any) -> CiviparoisseError:
    with pytest.raises(CiviparoisseError) as caught:
        call(*args, **options)
    assert caught.value.code == code
    assert str(caught.value)
    return caught.value


def test_a_parish_is_recorded_as_validated() -> None:
    tenant = create(name="Paroisse de l'Ascension", phone="03 88 00 00 00")
    tenant.refresh_from_db()
    assert (tenant.name, tenant.phone) == ("Paroisse de l’Ascension", "+33 3 88 00 00 00")
    assert tenant.smtp_password == make_parish()["smtp_password"]
    assert get_tenant("saint-paul") == tenant


def test_a_refused_parish_leaves_nothing() -> None:
    refuse("invalid_tenant", create, "saint-paul", city="", postcode="x")
    assert not Tenant.objects.exists()


def test_a_sub_domain_is_taken_once() -> None:
    create()
    refuse("slug_taken", create, name="Another")
    assert Tenant.objects.count() == 1


def test_an_unknown_parish_is_not_found() -> None:
    with pytest.raises(NotFound):
        get_tenant("saint-paul")


def test_an_update_keeps_what_it_does_not_name() -> None:
    tenant = create()
    update_tenant(tenant, {"city": "Colmar", "phone": ""}, requested_by="test")
    tenant.refresh_from_db()
    assert (tenant.city, tenant.phone) == ("Colmar", "")
    assert tenant.smtp_password == make_parish()["smtp_password"]


def test_an_update_is_judged_with_what_is_kept() -> None:
    error = refuse("invalid_tenant", update_tenant, create(), {"smtp_host": ""}, requested_by="test")
    assert [fault["field"] for fault in error.params["fields"]] == ["smtp_host"]


def test_a_sub_domain_never_changes() -> None:
    refuse("invalid_value", update_tenant, create(), {"slug": "saint-jean"}, requested_by="test")
    assert get_tenant("saint-paul").slug == "saint-paul"


@pytest.mark.usefixtures("defaults")
class TestInstances:
    def test_production_sends_mail_and_runs_its_cron(self) -> None:
        instance = create_instance(create())
        assert (instance.identifier, instance.host) == ("saint-paul", "www.saint-paul.uepal.net")
        assert instance.mail_enabled and instance.cron_enabled
        assert (instance.plan, instance.release) == (get_default_plan(), get_default_release())
        assert instance.state == InstanceState.NEW

    def test_a_clone_does_neither(self) -> None:
        instance = create_instance(create(), kind=InstanceKind.SANDBOX)
        assert (instance.identifier, instance.host) == ("saint-paul-sandbox", "www.saint-paul-sandbox.uepal.net")
        assert not instance.mail_enabled and not instance.cron_enabled

    def test_there_is_one_instance_of_each_kind(self) -> None:
        tenant = create()
        for kind in InstanceKind:
            create_instance(tenant, kind=kind)
            refuse("instance_exists", create_instance, tenant, kind=kind)
        assert tenant.instances.count() == len(InstanceKind)

    def test_the_template_makes_the_host_and_an_instance_keeps_it(self) -> None:
        tenant = create()
        with override_settings(HOST_TEMPLATE="{slug}.{domain}", PARISH_DOMAIN="paroisses.example"):
            production = create_instance(tenant)
        assert production.host == f"{tenant.slug}.paroisses.example"
        production.refresh_from_db()
        assert production.host == f"{tenant.slug}.paroisses.example"
        sandbox = create_instance(tenant, kind=InstanceKind.SANDBOX, host_template="s-{slug}.example.org")
        assert sandbox.host == f"s-{tenant.slug}-sandbox.example.org"

    def test_two_templates_that_give_one_host_are_told(self) -> None:
        create_instance(create(slug="saint-paul"), host_template="{slug}-x.example.org")
        error = refuse("host_taken", create_instance, create(slug="saint-paul-x"), host_template="{slug}.example.org")
        assert error.params["host"] == "saint-paul-x.example.org"

    def test_a_plan_without_all_containers_is_refused(self) -> None:
        get_default_plan().containers.filter(container__in=("cron", "db")).delete()
        error = refuse("plan_incomplete", create_instance, create())
        assert error.params["containers"] == "cron, db"

    def test_an_instance_of_a_parish_that_is_gone_is_refused(self) -> None:
        tenant = create()
        pk = tenant.pk
        tenant.delete()
        tenant.pk = pk
        refuse("not_found", create_instance, tenant)

    def test_without_a_default_one_must_be_named(self) -> None:
        tenant = create()
        Plan.objects.update(is_default=False)
        refuse("default_missing", create_instance, tenant)
        assert create_instance(tenant, plan=get_plan("default")).plan.name == "default"

    def test_without_a_default_release_one_must_be_named(self) -> None:
        Release.objects.update(is_default=False)
        refuse("default_missing", get_default_release)
        assert get_release("0.1.1").versions["civicrm"] == "5.61.1"

    def test_unknown_plans_and_releases_are_not_found(self) -> None:
        refuse("not_found", get_plan, "none")
        refuse("not_found", get_release, "none")


@pytest.mark.django_db(transaction=True)
def test_of_several_who_ask_at_once_for_one_name_one_gets_it() -> None:
    barrier = Barrier(4)

    def ask(number: int) -> str:
        try:
            barrier.wait(timeout=120)
            create(name=f"Paroisse {number}")
        except CiviparoisseError as error:
            return error.code
        finally:
            connection.close()
        return "created"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == ["created", "slug_taken", "slug_taken", "slug_taken"]
    assert Tenant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("defaults")
def test_a_parish_is_never_deleted_below_an_instance_that_is_being_made() -> None:
    tenant = create()
    barrier = Barrier(2)

    def ask(call: Any) -> str:
        try:
            barrier.wait(timeout=120)
            call()
        except CiviparoisseError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    calls = (lambda: create_instance(tenant), lambda: delete_tenant(tenant, requested_by="test"))
    with ThreadPoolExecutor(2) as pool:
        made, deleted = pool.map(ask, calls)
    assert (made, deleted) in {("done", "tenant_in_use"), ("not_found", "done")}
