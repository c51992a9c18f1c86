"""Instances in the administration: the list, and the page of each."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from backups.models import BackupState
from backups.pins import pin_backup
from backups.policies import choose_policy, create_policy, get_policy
from console.instances.obstacles import find_obstacle
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from operations.models import InstanceRoom, Operation
from operations.registry import get_kind, list_next_actions
from operations.requests import request_operation
from tenants.models import Activity, Instance
from tenants.specs import ensure_secrets
from tests.backups.rows import make_backup_row
from tests.clusters.samples import make_cluster_row
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row, make_tenant_row

pytestmark = pytest.mark.django_db
INSTANCES = "/admin/tenants/instance/"


def test_the_list_shows_state_address_backup_and_what_runs(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    Instance.objects.filter(pk=instance.pk).update(url="http://127.0.0.1:21000/")
    make_backup_row(instance, hours_ago=3.1)
    operation = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")
    Operation.objects.filter(pk=operation.pk).update(progress=42)
    page = read_page(admin_client, INSTANCES)
    for text in ("saint-paul", "active", 'href="http://127.0.0.1:21000/"', "il y a 3 heures", "sauvegarde", "42 %"):
        assert text in page, text


def test_ages_are_coloured_by_the_policy_of_each_by_as_many_queries_for_all(admin_client: Client) -> None:
    def list_colours() -> list[str]:
        page = read_page(admin_client, INSTANCES)
        before = [page[match.start() - 400 : match.start()] for match in re.finditer("il y a 4 jours", page)]
        return [re.findall(r"(red|green|orange)", text)[-1] for text in before]

    daily, weekly = (make_instance_row(slug, state=InstanceState.ACTIVE) for slug in ("saint-paul", "saint-jean"))
    make_backup_row(daily, hours_ago=4 * 24 + 1)
    alone = count_queries(admin_client, INSTANCES)
    make_backup_row(weekly, hours_ago=4 * 24 + 1)
    choose_policy(weekly, get_policy("medium"), requested_by="test")
    assert sorted(list_colours()) == ["green", "red"]
    for slug in ("saint-marc", "saint-luc", "sainte-marie"):
        make_backup_row(make_instance_row(slug, state=InstanceState.ACTIVE))
    assert count_queries(admin_client, INSTANCES) <= alone + 2


@pytest.mark.parametrize("state", list(InstanceState))
def test_the_page_offers_what_the_state_allows(admin_client: Client, state: InstanceState) -> None:
    instance = make_instance_row(state=state)
    make_backup_row(instance, hours_ago=3)
    page = read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
    offered = re.findall(rf"{INSTANCES}{instance.pk}/ask/(\w+)/", page)
    useful = [kind for kind in list_next_actions(state) if not find_obstacle(instance, kind)]
    assert tuple(offered) == tuple(kind.code for kind in useful)
    assert all(str(kind.page_label) in page for kind in list_next_actions(state)), (
        "also those that would lead to nothing"
    )
    assert all(str(get_kind(kind).page_label) in page for kind in offered)
    assert page.count("cp-main-button") == (0 if state is InstanceState.FAILED or not offered else 1)


def test_a_sandbox_is_not_offered_what_is_for_the_production_alone(admin_client: Client) -> None:
    sandbox = make_instance_row(state=InstanceState.ACTIVE)
    Instance.objects.filter(pk=sandbox.pk).update(kind=InstanceKind.SANDBOX.value)
    page = read_page(admin_client, f"{INSTANCES}{sandbox.pk}/change/")
    assert "/ask/backup/" in page and "/ask/prove/" not in page


def test_nothing_is_offered_while_an_operation_runs(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")
    page = read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
    assert "/ask/" not in page and "En cours : sauvegarde" in page and "La suivre" in page


def test_the_page_tells_when_somebody_last_used_it(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def read_use() -> list[str]:
        page = read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
        names = ("Dernière connexion", "Dernière visite")
        return [re.findall(rf"<dt>{name}</dt><dd>([^<]*)</dd>", page)[0] for name in names]

    assert read_use() == ["non connue", "non connue"]
    row = Activity.objects.create(instance=instance, logins_looked_at=at, visits_counted_since=at)
    never, none = read_use()
    assert never == "jamais" and none.startswith("aucune depuis le 20/11/2026")
    row.login_at = row.visited_at = at
    row.save()
    assert all(text.startswith("20/11/2026") and "10:30" in text for text in read_use())


def test_the_page_tells_why_it_failed_and_what_was_done(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.FAILED)
    Instance.objects.filter(pk=instance.pk).update(
        error_code="job_lost", error_params={"program": "init", "instance": "saint-paul"}
    )
    backup = make_backup_row(instance)
    page = read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
    assert "programme d’initialisation a été tué sur saint-paul" in page and "Que faire" in page
    assert backup.backup_id in page and "Dernières sauvegardes" in page


def test_secrets_are_on_no_page(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    secrets = ensure_secrets(instance)
    pages = [INSTANCES, f"{INSTANCES}{instance.pk}/change/", f"{INSTANCES}{instance.pk}/ask/suspend/", "/admin/"]
    for address in pages:
        page = read_page(admin_client, address)
        assert not any(text in page for text in (secrets.db_password, secrets.site_key, secrets.manifest_key))


def test_a_sandbox_is_recorded_through_the_registry(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    production = make_instance_row(state=InstanceState.ACTIVE)
    form = read_page(admin_client, f"{INSTANCES}add/")
    assert "bac à sable" in form
    values = {"tenant": production.tenant_id, "plan": production.plan_id, "release": production.release_id}
    answer = admin_client.post(f"{INSTANCES}add/", {**values, "kind": "sandbox"})
    sandbox = Instance.objects.get(kind=InstanceKind.SANDBOX.value)
    assert answer.status_code == 302
    assert (sandbox.identifier, sandbox.mail_enabled, sandbox.cron_enabled) == ("saint-paul-sandbox", False, False)
    again = admin_client.post(f"{INSTANCES}add/", {**values, "kind": "sandbox"})
    assert "a déjà l’instance saint-paul-sandbox" in again.content.decode()
    assert Instance.objects.count() == 2


def test_an_instance_is_recorded_on_a_cluster(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    make_cluster_row(domain="paroisses.example.org")
    production = make_instance_row(state=InstanceState.ACTIVE)
    assert 'value="strasbourg"' in read_page(admin_client, f"{INSTANCES}add/")
    values = {"tenant": production.tenant_id, "plan": production.plan_id, "release": production.release_id}
    answer = admin_client.post(f"{INSTANCES}add/", {**values, "kind": "sandbox", "engine": "strasbourg"})
    assert answer.status_code == 302
    sandbox = Instance.objects.get(kind=InstanceKind.SANDBOX.value)
    assert (sandbox.engine, sandbox.host) == ("strasbourg", "www.saint-paul-sandbox.paroisses.example.org")


def test_an_unfinished_plan_is_refused_with_its_reason(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    production = make_instance_row(state=InstanceState.ACTIVE)
    production.plan.containers.filter(container="cron").delete()
    values = {"tenant": production.tenant_id, "plan": production.plan_id, "release": production.release_id}
    answer = admin_client.post(f"{INSTANCES}add/", {**values, "kind": "sandbox"})
    assert answer.status_code == 200 and "ne dit rien de ces conteneurs : cron" in _read_text(answer)
    assert Instance.objects.count() == 1


def _read_text(answer: object) -> str:
    """Return an answer's text with no-break spaces as spaces."""
    return answer.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined, no-any-return]


def test_a_row_is_neither_changed_nor_deleted_here(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    admin_client.post(f"{INSTANCES}{instance.pk}/change/", {"state": "deleted"})
    assert admin_client.post(f"{INSTANCES}{instance.pk}/delete/", {"post": "yes"}).status_code == 403
    instance.refresh_from_db()
    assert instance.state == "active"


def test_permissions_are_asked() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    page = f"{INSTANCES}{instance.pk}/change/"
    stranger = make_client(name="stranger")
    assert [stranger.get(path).status_code for path in (INSTANCES, page, f"{INSTANCES}add/")] == [403] * 3
    looker = make_client("tenants.view_instance")
    assert "/ask/" not in read_page(looker, page)
    assert looker.get(f"{INSTANCES}999999/change/").status_code == 404
    assert make_tenant_row().name in read_page(looker, page)


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    def add(first: int, last: int) -> None:
        for number in range(first, last):
            instance = make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE)
            make_backup_row(instance)
            request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")

    add(0, 3)
    few = count_queries(admin_client, INSTANCES)
    add(3, 30)
    assert count_queries(admin_client, INSTANCES) == few


@pytest.mark.parametrize("state", [state for state in InstanceState if state is not InstanceState.ACTIVE])
def test_what_does_not_run_claims_nothing(admin_client: Client, state: InstanceState) -> None:
    instance = make_instance_row(state=state)
    Instance.objects.filter(pk=instance.pk).update(url="http://127.0.0.1:21000/")
    for address in (INSTANCES, f"{INSTANCES}{instance.pk}/change/"):
        page = read_page(admin_client, address)
        assert 'href="http://127.0.0.1:21000/"' not in page
    assert "Prochaine exécution" not in page and "activé" not in page


def test_the_page_s_live_part_ends_with_the_operation(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    operation = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")
    part = f"{INSTANCES}{instance.pk}/part/"
    assert f'data-refresh-url="{part}"' in read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
    assert "data-refresh-ended" not in read_page(admin_client, part)
    Operation.objects.filter(pk=operation.pk).update(lock=None, state="succeeded")
    page = read_page(admin_client, part)
    assert "data-refresh-ended" in page and "Sauvegarder…" in page


def test_remarks_are_told_in_rows_and_choices(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance, warnings=["one", "two"])
    for address in (
        "/admin/backups/backup/",
        f"{INSTANCES}{instance.pk}/change/",
        f"{INSTANCES}{instance.pk}/ask/restore/",
    ):
        assert "2 remarques" in read_page(admin_client, address), address


def test_the_page_tells_a_full_volume_and_what_to_do(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    at = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
    values = {"percents": {"db": 97}, "most_percent": 97, "write_error": "The table is full"}
    InstanceRoom.objects.create(instance=instance, looked_at=at, **values)
    page = read_page(admin_client, f"{INSTANCES}{instance.pk}/change/")
    for text in ("refuse toute nouvelle ligne", "est plein à 97", "Volumes occupés", "volume de la base de données 97"):
        assert text in page, text


def test_the_page_tells_of_each_set_what_it_is_and_what_comes_next(
    admin_client: Client, settings: LazySettings
) -> None:
    settings.NIGHTLY_BACKUPS = True
    paul = make_instance_row(state=InstanceState.ACTIVE)
    policy = create_policy({"name": "two", "label": "x", "keep_last": 2}, requested_by="test")
    choose_policy(paul, policy, requested_by="test")
    pinned, older, newest = (make_backup_row(paul, hours_ago=24 * days, stored_bytes=1) for days in (9, 2, 1))
    pin_backup(pinned, reason="x", requested_by="x", now=timezone.now())
    shelf = Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)
    BackupCopy.objects.create(backup=newest, destination=shelf, state=CopyState.CHECKED)
    page = read_page(admin_client, f"{INSTANCES}{paul.pk}/change/")
    part = page[page.index("Prochaine sauvegarde") :]
    told = part[: part.index("</div>")]
    assert "cette nuit à" in told and f"/admin/backups/backup/{older.pk}/change/" in told
    assert f"/backup/{pinned.pk}/" not in told and f"/backup/{newest.pk}/" not in told
    assert "épinglée" in page and "shelf" in page


def test_a_failed_backup_is_told_with_its_cause_on_the_page_and_in_the_list(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    full = {"instance": "saint-paul", "program": "backup", "code": "no_space", "message": "no space", "hint": ""}
    make_backup_row(instance, hours_ago=3)
    address = f"{INSTANCES}{instance.pk}/change/"
    for page in (read_page(admin_client, INSTANCES), read_page(admin_client, address)):
        assert "pas assez de place" not in page
    make_backup_row(instance, state=BackupState.FAILED, error_code="program_failed", error_params=full)
    assert "échec : il n’y a pas assez de place" in read_page(admin_client, INSTANCES)
    page = read_page(admin_client, address)
    assert "La dernière sauvegarde a échoué." in page and "pas assez de place" in page and "Que faire" in page
    make_backup_row(instance, hours_ago=0.5)
    for page in (read_page(admin_client, INSTANCES), read_page(admin_client, address)):
        assert "La dernière sauvegarde a échoué." not in page and "échec : il" not in page
