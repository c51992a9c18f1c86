"""A preview of a real restore: what a set wrote down against what is there now, and what is to be warned of."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.parish_requests import RequestScope, RequestState, Wish
from domain.specs import JobProgram
from domain.states import OperationKind, OperationState
from operations.models import Operation
from parish_requests.models import RequestRules, RestoreRequest
from parish_requests.preview import find_upgrade_since, make_preview
from parish_requests.preview_documents import compute_approvals, has_changed
from parish_requests.preview_texts import describe_preview
from tenants.models import Instance
from tests.backups import conftest as of_backups
from tests.backups.conftest import MakeInstance
from tests.backups.parishes import Parishes
from tests.engines import COUNTED, FakeEngine
from tests.operations import conftest as of_operations
from tests.programs.civicrm_tables import CIVICRM
from tests.rows import make_instance_row

# Fixtures of theirs.
engine, make_instance, parishes = of_operations.engine, of_backups.make_instance, of_backups.parishes
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("backups")


def ask(instance: Instance, backup: Backup | None, *, wish: str = Wish.RESTORE, **facts: object) -> RestoreRequest:
    """A request as it stands when its preview is made."""
    return RestoreRequest.objects.create(tenant=instance.tenant, instance=instance, wish=wish, backup=backup, **facts)


def make_backup(instance: Instance, **facts: object) -> Backup:
    """A good set's row with what was counted when it was made."""
    return Backup.objects.create(
        backup_id=f"20261121T080000Z-{Backup.objects.count():06x}",
        instance=instance,
        **{"state": BackupState.GOOD, "figures": COUNTED, **facts},
    )


def check_undo(parishes: Parishes, paul: Instance, backup: Backup) -> None:
    """Put the set back and enter anew: keys are given a second time, and an undo loses what has them now."""
    done = parishes.run(OperationKind.RESTORE, paul, backup_id=backup.backup_id, confirm=paul.identifier)
    safety = Backup.objects.get(backup_id=done.result["safety_backup_id"])
    parishes.execute(
        paul, "INSERT INTO civicrm.civicrm_contribution (total_amount, contribution_status_id) VALUES (7, 1)"
    )
    undo = make_preview(ask(paul, safety, wish=Wish.UNDO, scope=RequestScope.DATA), now=timezone.now())
    assert (undo["lost"]["contributions"], undo["lost"]["contributions_sum"]) == (1, 700), undo
    assert undo["returns"]["contributions"] == 1 and undo["is_whole"]
    assert "restored_since" not in list_warnings(undo)
    again = make_preview(ask(paul, backup), now=timezone.now())
    assert again["lost"]["contributions"] == 1 and "restored_since" in list_warnings(again)


def list_warnings(document: dict[str, object]) -> list[str]:
    warnings = document["warnings"]
    assert isinstance(warnings, list)
    return [warning["code"] for warning in warnings]


@pytest.mark.django_db(transaction=True)
def test_what_a_real_parish_would_lose(parishes: Parishes) -> None:
    paul = parishes.get()
    tables = [sql.replace("CREATE TABLE ", "CREATE TABLE civicrm.") for sql in CIVICRM]
    own = ("civicrm.civicrm_contact ", "civicrm.civicrm_activity ")  # the stand-in has these
    parishes.execute(paul, *(sql for sql in tables if not any(name in sql for name in own)))
    enter = "INSERT INTO civicrm.civicrm_contribution (total_amount, contribution_status_id) VALUES"
    parishes.execute(paul, f"{enter} (100, 1), (50, 1)")
    result = parishes.run(OperationKind.BACKUP, paul).result
    backup = Backup.objects.get(backup_id=result["backup_id"])
    assert backup.figures["counts"]["contributions"] == {"count": 2, "last": 2, "cents": 15_000}
    request = ask(paul, backup)
    before = make_preview(request, now=timezone.now())
    assert before["is_whole"] and before["lost"] == {}, before
    parishes.execute(
        paul,
        f"{enter} (1240, 1), (0.5, 2), (3, 3)",
        "DELETE FROM civicrm.civicrm_contribution WHERE id = 1",
        "INSERT INTO civicrm.civicrm_contact (contact_type, display_name) VALUES ('Individual', 'Anne Secret')",
        "INSERT INTO civicrm.civicrm_mailing_job (mailing_id, status, is_test) VALUES (1, 'Complete', 0)",
    )
    parishes.write_file(paul, "private/receipt.pdf", b"%PDF")
    began = time.monotonic()
    document = make_preview(request, now=timezone.now())
    assert time.monotonic() - began < 60
    lost = document["lost"]
    assert (lost["contributions"], lost["contributions_sum"], lost["contacts"]) == (2, 124_050, 1)
    assert (lost["mailings"], lost["files"], document["returns"]["contributions"]) == (1, 1, 1)
    assert document["is_whole"]
    assert {"mailing_since", "payment_since", "not_proven"} <= set(list_warnings(document))
    assert "Secret" not in str(document)
    assert has_changed(before, document)
    assert compute_approvals(document, RequestRules(second_from_lost_percent=50)) == 2
    told = describe_preview(document)
    assert "1" in told.lead and any(row.difference.startswith("−") for row in told.rows)
    check_undo(parishes, paul, backup)
    parishes.run(OperationKind.SUSPEND, paul)
    silent = make_preview(request, now=timezone.now())
    assert "now_not_known" in list_warnings(silent) and not silent["is_whole"] and has_changed(document, silent)
    parishes.run(OperationKind.RESUME, paul)


@pytest.mark.django_db
def test_what_leaves_the_site_as_it_is_has_no_preview(make_instance: MakeInstance, engine: FakeEngine) -> None:
    instance = make_instance()
    backup = make_backup(instance)
    for wish in set(Wish) - {Wish.RESTORE, Wish.UNDO}:
        assert make_preview(ask(instance, backup, wish=wish), now=NOW) == {}
    assert make_preview(ask(instance, None), now=NOW) == {}
    part = make_preview(ask(instance, backup, scope=RequestScope.PART, part="sites/a"), now=NOW)
    assert part["figures"] == [] and part["is_whole"]
    assert compute_approvals(part, RequestRules(), now=NOW) == 1
    assert engine.list_runs(instance.identifier, JobProgram.FIGURES) == [], "nothing was looked at for these"
    assert make_preview(ask(instance, backup, wish=Wish.UNDO), now=NOW)["is_whole"]


@pytest.mark.django_db
def test_a_set_of_before_has_a_preview_that_says_so(make_instance: MakeInstance) -> None:
    instance = make_instance()
    document = make_preview(ask(instance, make_backup(instance, figures={})), now=NOW)
    assert list_warnings(document)[0] == "set_not_known"
    assert document["figures"] == [] and not document["is_whole"]
    assert compute_approvals(document, RequestRules(), now=NOW) == 2


@pytest.mark.django_db
def test_an_engine_that_does_not_answer_is_no_reason_to_fail() -> None:
    instance = make_instance_row(engine="nowhere")
    document = make_preview(ask(instance, make_backup(instance)), now=NOW)
    assert list_warnings(document)[0] == "now_not_known"


@pytest.mark.django_db
def test_a_proven_set_and_requests_that_are_no_others_are_not_warned_of(make_instance: MakeInstance) -> None:
    instance, other = make_instance(), make_instance("sainte-marie")
    backup = make_backup(instance, proven_at=NOW)
    request = ask(instance, backup)
    ask(instance, backup, state=RequestState.DRAFT)
    ask(instance, backup, state=RequestState.REFUSED)
    ask(instance, backup, state=RequestState.SUBMITTED, wish=Wish.BACKUP)
    ask(other, make_backup(other), state=RequestState.SUBMITTED)
    assert list_warnings(make_preview(request, now=NOW)) == []
    ask(instance, backup, state=RequestState.QUESTION)
    ask(instance, backup, state=RequestState.SCHEDULED, wish=Wish.UNDO)
    assert make_preview(request, now=NOW)["warnings"] == [{"code": "others_asked", "params": {"count": 2}}]


@pytest.mark.django_db
def test_a_moment_of_before_an_upgrade_is_named_with_its_release(make_instance: MakeInstance) -> None:
    instance = make_instance()
    backup = make_backup(instance, proven_at=NOW)
    Backup.objects.filter(pk=backup.pk).update(started_at=NOW)
    backup.refresh_from_db()

    def upgrade(hours: int, before: str, state: OperationState = OperationState.SUCCEEDED) -> None:
        operation = Operation.objects.create(
            kind=OperationKind.UPGRADE, instance=instance, subject=instance.identifier, requested_by="test",
            state=state, data={"release_before": before}, ended_at=NOW + timedelta(hours=hours),
        )  # fmt: skip
        assert operation.pk

    upgrade(-1, "2026.7")
    upgrade(1, "2026.8", OperationState.FAILED)
    assert find_upgrade_since(backup) is None
    upgrade(3, "2026.10")
    upgrade(2, "2026.9")
    (warning,) = make_preview(ask(instance, backup), now=NOW)["warnings"]
    assert warning == {"code": "older_release", "params": {"then": "2026.9", "now": instance.release.name}}
