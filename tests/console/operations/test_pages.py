"""The history of operations in the administration."""

import pytest
from django.test import Client
from django.utils import timezone, translation

from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import describe_operation, request_operation
from tenants.models import Instance
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db
OPERATIONS = "/admin/operations/operation/"


def _ask(slug: str = "saint-paul") -> Operation:
    instance = make_instance_row(slug)
    return request_operation(kind=OperationKind.PROVISION, instance=instance, requested_by="jeanne")


def _fail(operation: Operation) -> Operation:
    operation.state, operation.lock, operation.ended_at = "failed", None, timezone.now()
    operation.error_code = "job_lost"
    operation.error_params = {"program": "init", "instance": operation.subject}
    operation.save()
    return operation


def test_the_list_is_french_and_shows_what_was_asked(admin_client: Client) -> None:
    operation = _ask()
    page = read_page(admin_client, OPERATIONS)
    for text in (
        operation.public_id,
        "installation",
        "saint-paul",
        "En file d’attente".lower(),
        "jeanne",
        "Opérations",
    ):
        assert text in page


def test_an_empty_list_says_so(admin_client: Client) -> None:
    assert "Rien à afficher" in read_page(admin_client, OPERATIONS)


def test_a_page_shows_steps_and_offers_to_cancel(admin_client: Client) -> None:
    operation = _ask()
    step = operation.steps.first()
    assert step is not None
    step.state, step.progress, step.message, step.started_at = "running", 37, "half-way", timezone.now()
    step.save()
    page = read_page(admin_client, f"{OPERATIONS}{operation.pk}/change/")
    assert "Préparer les volumes, la configuration et les secrets" in page
    assert "37 %" in page and "half-way" in page and "Annuler l’opération" in page
    assert f'data-refresh-url="{OPERATIONS}{operation.pk}/progress/"' in page


def test_a_failure_is_told_with_what_to_do(admin_client: Client) -> None:
    operation = _fail(_ask())
    page = read_page(admin_client, f"{OPERATIONS}{operation.pk}/change/")
    assert "Le programme d’initialisation a été tué sur saint-paul avant de pouvoir rendre compte." in page
    assert "Que faire" in page and "une opération qui a échoué peut être redemandée." in page
    assert "Annuler l’opération" not in page


def test_the_part_that_is_read_again_says_when_it_is_over(admin_client: Client) -> None:
    operation = _ask()
    part = read_page(admin_client, f"{OPERATIONS}{operation.pk}/progress/")
    assert "data-refresh-ended" not in part and "<html" not in part and "<script" not in part
    _fail(operation)
    assert "data-refresh-ended" in read_page(admin_client, f"{OPERATIONS}{operation.pk}/progress/")


def test_a_cancel_is_confirmed_and_posted(admin_client: Client) -> None:
    operation = _ask()
    address = f"{OPERATIONS}{operation.pk}/cancel/"
    assert "La laisser continuer" in read_page(admin_client, address)
    operation.refresh_from_db()
    assert not operation.cancel_requested
    answer = admin_client.post(address, follow=True)
    operation.refresh_from_db()
    assert operation.cancel_requested and "L’annulation est demandée" in answer.content.decode()


def test_a_cancel_that_comes_late_is_refused(admin_client: Client) -> None:
    operation = _fail(_ask())
    answer = admin_client.post(f"{OPERATIONS}{operation.pk}/cancel/", follow=True)
    assert f"L’opération {operation.public_id} est déjà terminée" in answer.content.decode()


def test_a_cancel_needs_the_forgery_token() -> None:
    operation = _ask()
    client = make_client(superuser=True)
    client.handler.enforce_csrf_checks = True
    assert client.post(f"{OPERATIONS}{operation.pk}/cancel/").status_code == 403
    operation.refresh_from_db()
    assert not operation.cancel_requested


def test_nothing_is_added_changed_or_deleted_here(admin_client: Client) -> None:
    operation = _ask()
    for path in ("add/", f"{operation.pk}/delete/"):
        assert admin_client.get(f"{OPERATIONS}{path}").status_code == 403
        assert admin_client.post(f"{OPERATIONS}{path}", {"post": "yes"}).status_code == 403
    admin_client.post(f"{OPERATIONS}{operation.pk}/change/", {"state": "succeeded"})
    operation.refresh_from_db()
    assert operation.state == "queued"


def test_permissions_are_asked() -> None:
    operation = _ask()
    page, cancel = f"{OPERATIONS}{operation.pk}/change/", f"{OPERATIONS}{operation.pk}/cancel/"
    stranger = make_client(name="stranger")
    assert [stranger.get(path).status_code for path in (OPERATIONS, page, cancel)] == [403, 403, 403]
    assert stranger.get(f"{OPERATIONS}{operation.pk}/progress/").status_code == 403
    looker = make_client("operations.view_operation")
    assert "Annuler l’opération" not in read_page(looker, page)
    assert looker.post(cancel).status_code == 403
    changer = make_client("operations.view_operation", "operations.change_operation", name="changer")
    assert "Annuler l’opération" in read_page(changer, page)
    assert Client().get(page).status_code == 302


def test_an_operation_outlives_its_instance(admin_client: Client) -> None:
    operation = _fail(_ask())
    Operation.objects.filter(pk=operation.pk).update(instance=None)
    assert "saint-paul" in read_page(admin_client, f"{OPERATIONS}{operation.pk}/change/")
    assert admin_client.get(f"{OPERATIONS}999999/change/").status_code == 404


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    for number in range(3):
        _ask(f"parish-{number}")
    few = count_queries(admin_client, OPERATIONS)
    for number in range(3, 30):
        _ask(f"parish-{number}")
    assert count_queries(admin_client, OPERATIONS) == few


def test_a_page_takes_the_same_queries_whatever_its_steps(admin_client: Client) -> None:
    suspended = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    short = request_operation(kind=OperationKind.SUSPEND, instance=suspended, requested_by="jeanne")
    long = _ask()
    counts = [count_queries(admin_client, f"{OPERATIONS}{row.pk}/change/") for row in (short, long)]
    assert counts[0] == counts[1]


def test_a_change_of_plan_offers_the_way_back_while_there_is_one(admin_client: Client) -> None:
    make_plan_row("other")
    make_plan_row("large", db_gibibytes=3)
    instance = make_instance_row(state=InstanceState.ACTIVE)
    operation = request_operation(
        kind=OperationKind.RESIZE, instance=instance, requested_by="jeanne", parameters={"plan": "other"}
    )
    page = f"{OPERATIONS}{operation.pk}/change/"
    undo = f"/admin/tenants/instance/{instance.pk}/ask/resize/?plan=test"
    assert undo not in read_page(admin_client, page), "it has not ended"
    Operation.objects.update(state="succeeded", lock=None, result={"plan": "other", "plan_before": "test"})
    Instance.objects.update(plan=make_plan_row("other"), state=InstanceState.ACTIVE.value)
    assert undo in read_page(admin_client, page)
    Instance.objects.update(grown_volumes={"db_volume_bytes": 3 * GIBIBYTE})
    assert undo not in read_page(admin_client, page), "a volume would shrink"
    Instance.objects.update(grown_volumes={}, plan=make_plan_row("large", db_gibibytes=3))
    assert undo not in read_page(admin_client, page), "it has yet another plan"


def test_a_deletion_says_until_when_it_can_be_undone(admin_client: Client, engine: FakeEngine) -> None:
    engine.deletion_grace_seconds = 86_400
    instance = make_instance_row(state=InstanceState.ACTIVE)
    address = f"/admin/tenants/instance/{instance.pk}/ask/delete/"
    with translation.override("en"):
        sentence = describe_operation(kind=OperationKind.DELETE, instance=instance, parameters={}).sentences[1]
    assert sentence.startswith("Nothing is purged before ") and read_page(admin_client, address)
    operation = request_operation(kind=OperationKind.DELETE, instance=instance, requested_by="jeanne")
    page = f"{OPERATIONS}{operation.pk}/change/"
    assert "31/12/2026 18:30" not in read_page(admin_client, page)
    operation.data["undo_until"] = "2026-12-31T17:30:00+00:00"
    operation.save()
    assert "31/12/2026 18:30" in read_page(admin_client, page)
