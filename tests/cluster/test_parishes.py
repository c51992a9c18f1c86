"""Parishes on the real node, through the manager's own operations: provisioned, seen, backed up, damaged, restored,
suspended, resumed, deleted."""

import html
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from backups.kinds.verify import VERIFY
from backups.models import Backup, BackupState
from domain.quantities import format_bytes, format_millicores, parse_bytes, parse_millicores
from domain.reservations import Reservation, add_reservations
from domain.schedules import compute_slot
from domain.specs import ALL_COMPONENTS, InstanceKind
from domain.states import OperationKind, OperationState
from finops.ledger.live import list_differences
from finops.models import Interval, Resource
from finops.usage.visits import record_visits
from manifests.blueprints import load_blueprint
from manifests.cronjobs import compute_cron_schedule
from operations.models import Operation, OperationEvent
from tenants.models import Activity, Instance
from tenants.specs import make_instance_spec
from tests.builders import CAST, MEBIBYTE
from tests.cluster.control import wait_until
from tests.cluster.cron_runs import change_schedule, list_cron_runs, read_ends
from tests.cluster.engine_at_work import list_volumes
from tests.cluster.parishes import ENGINE, ClusterParishes, make_release_row

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]

# Numbers of capabilities (linux/capability.h).
CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "NET_BIND_SERVICE": 10,
}
PAUL, MARIE = "saint-paul", "sainte-marie"


def damage(parishes: ClusterParishes, instance: Instance) -> None:
    """Lose rows, a table, a settings file and a document."""
    parishes.execute(instance, "DELETE FROM civicrm_email; DROP TABLE civicrm_group_contact")
    parishes.shell(instance, "rm /app/web/sites/default/settings.php /app/private/registre/*; echo x > /app/private/x")


def assert_ledger_is_true(parishes: ClusterParishes, instance: Instance, held: dict[str, Reservation]) -> None:
    """Check that the ledger, the API server's pods and the node's own report say that it holds this, by server."""
    rows = Interval.objects.filter(instance=instance.identifier, resource=Resource.COMPUTE, end__isnull=True)
    assert {row.component: Reservation(row.cpu_millicores, row.memory_bytes) for row in rows} == held
    differences = list_differences(ENGINE, parishes.engine.observe_fleet())
    assert [one for one in differences if one.instance == instance.identifier] == []
    # "Non-terminated Pods" of kubectl: namespace, pod, CPU requests and limits, memory requests and limits, age.
    lines = [line.split() for line in parishes.cluster.kubectl("describe", "node").splitlines()]
    reported = {
        line[1]: Reservation(parse_millicores(line[2]), parse_bytes(line[6]))
        for line in lines
        if len(line) > 6 and line[0] == instance.identifier and line[1].startswith("paroisse-set-")
    }
    assert reported == {f"paroisse-set-{server}-0": amount for server, amount in held.items()}


def test_two_parishes_each_show_their_own_name_by_tls(parishes: ClusterParishes) -> None:
    instances = {slug: parishes.get(slug) for slug in (PAUL, MARIE)}
    for slug, instance in instances.items():
        assert f"<h1>{CAST[slug][0]}</h1>" in html.unescape(parishes.read_page(instance))
    script = (
        "require '/app/web/databases.php'; [$d] = read_settings('/app/web/sites');"
        "echo connect_database($d, 'civicrm')->query(\"SHOW STATUS LIKE 'Ssl_version'\")->fetch_row()[1];"
    )
    assert parishes.run_in(instances[PAUL], "httpd", "https", "php", "-r", script) == "TLSv1.3"


def test_what_init_printed_is_gone_and_nothing_that_is_kept_has_a_password(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    # The image prints every password: its Job, and the log with it, went as soon as the result was proven.
    assert parishes.cluster.kubectl("get", "pods", "-l", "app=paroisse-init-impl", "-o", "name", namespace=PAUL) == ""
    jobs = parishes.cluster.kubectl(
        "get", "jobs", "-l", "app.kubernetes.io/component=init", "-o", "name", namespace=PAUL
    )
    assert jobs == ""
    kept = "\n".join(OperationEvent.objects.values_list("message", flat=True))
    for secret in (paul.secrets["db_password"], paul.secrets["db_root_password"]):
        assert secret not in kept


def test_the_node_holds_what_the_plan_says_and_nothing_for_init(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    pods = [pod for pod in parishes.engine.observe_fleet().pods if pod.instance == PAUL and pod.ended_at is None]
    # Those of its schedules come when their minute comes.
    held = add_reservations(pod.reserved for pod in pods if pod.component not in ("cron", "backup"))
    # db 384Mi 25m; httpd 1024Mi 100m with its router 100Mi 100m (make_small_plan: a tenth of what is above 100m).
    assert (format_bytes(held.memory_bytes), format_millicores(held.cpu_millicores)) == ("1508Mi", "225m")
    node = parishes.cluster.kubectl("describe", "node")
    assert paul.identifier in node


@pytest.mark.parametrize(("server", "container"), [("db", "db"), ("httpd", "https"), ("httpd", "dbrouter")])
def test_a_container_may_do_what_the_blueprint_says_and_no_more(
    parishes: ClusterParishes, server: str, container: str
) -> None:
    paul = parishes.get(PAUL)
    status = parishes.run_in(paul, server, container, "cat", "/proc/1/status")
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    declared = load_blueprint("civiparoisse-1").security[container]
    wanted = sum(1 << CAPABILITIES[name] for name in declared["capabilities"]["add"])  # type: ignore[index]
    assert (int(found["CapBnd"], 16), found["NoNewPrivs"].strip(), found["Seccomp"].strip()) == (wanted, "1", "2")
    token = "ls /var/run/secrets/kubernetes.io 2>&1; true"
    assert "No such file" in parishes.run_in(paul, server, container, "sh", "-c", token)


def test_cron_runs_by_its_schedule_and_its_pod_ends_with_it(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    count = "SELECT COUNT(*) FROM civicrm_job_log"
    known, before = list_cron_runs(parishes, PAUL), int(parishes.execute(paul, count))
    change_schedule(parishes, PAUL, "* * * * *")
    try:
        wait_until(lambda: bool(list_cron_runs(parishes, PAUL) - known), "it ran", seconds=120)
    finally:
        change_schedule(parishes, PAUL, compute_cron_schedule(PAUL))
    ran = max(list_cron_runs(parishes, PAUL) - known)
    ends = read_ends(parishes, PAUL, ran)
    # One that does not end when it is told to is killed after thirty seconds.
    assert ends["dbrouter"] - ends["cron"] < timedelta(seconds=25), "the router held the pod"
    assert int(parishes.execute(paul, count)) >= before + 2
    room = parishes.engine.observe(PAUL).room
    assert room is not None and room.write_error == "", "a row was tried and taken"
    assert set(room.percents) == {"db", "files", "private", "backups"} and all(room.free_bytes.values())


def test_data_is_damaged_and_restored_in_place(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    # The server asks for the password itself again: nobody has logged in since.
    parishes.cluster.kubectl("delete", "pod", "paroisse-set-db-0", namespace=PAUL)
    wait_until(lambda: parishes.engine.observe(PAUL).is_running(ALL_COMPONENTS), "the server is back")
    backup_id = parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
    assert Backup.objects.get(backup_id=backup_id).state == BackupState.GOOD
    before = parishes.read_content(paul)
    damage(parishes, paul)
    assert parishes.read_content(paul) != before
    parishes.run(OperationKind.RESTORE, paul, backup_id=backup_id, confirm=PAUL)
    assert parishes.read_content(paul) == before
    assert html.escape(CAST[PAUL][4]) in parishes.read_page(paul)


def test_the_schedule_s_own_backup_is_whole(parishes: ClusterParishes) -> None:
    parishes.get(PAUL)
    known = set(parishes.engine.observe(PAUL).backup_ids)
    parishes.cluster.kubectl("create", "job", "night-1", "--from=cronjob/civibackup", namespace=PAUL)
    parishes.cluster.kubectl("wait", "--for=condition=Complete", "job/night-1", "--timeout=90s", namespace=PAUL)
    (pod,) = parishes.cluster.list("pods", "-l", "job-name=night-1", namespace=PAUL)
    result = json.loads(pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"])
    assert result["ok"] and result["backup_id"] not in known and result["logins"]["last_at"]


def test_a_visit_and_a_login_are_seen_and_the_manager_s_own_looks_are_not(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    hour = timezone.now().replace(hour=compute_slot(PAUL, "visits", 24), minute=0)
    asked_at = timezone.now().replace(microsecond=0)
    parishes.read_page(paul)
    assert record_visits(now=hour) == [PAUL]
    seen = Activity.objects.get(instance=paul)
    assert seen.visited_at is not None and asked_at <= seen.visited_at and seen.visits_counted_since == hour
    later = parishes.engine.observe_visits(
        make_instance_spec(paul, components=ALL_COMPONENTS), since=seen.visited_at + timedelta(seconds=1)
    )
    assert (later.is_counted, later.visited_at) == (True, None)
    parishes.execute(paul, "UPDATE users_field_data SET login = UNIX_TIMESTAMP() WHERE uid = 1", database="drupal")
    parishes.run(OperationKind.BACKUP, paul)
    seen.refresh_from_db()
    assert seen.login_at is not None and seen.login_at >= asked_at


def test_a_backup_is_removed_from_its_volume(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    older, newer = (parishes.run(OperationKind.BACKUP, paul).result["backup_id"] for _ in range(2))
    parishes.run(OperationKind.PRUNE, paul, backup_ids=[older], confirm=PAUL)
    there = parishes.engine.observe(PAUL).backup_ids
    assert older not in there and newer in there
    assert parishes.run(VERIFY.code, paul, backup=newer).result["backup_ids"] == [newer]


def test_suspended_it_holds_nothing_and_resumed_it_is_the_same(parishes: ClusterParishes) -> None:
    marie = parishes.get(MARIE)
    before = parishes.read_content(marie)
    parishes.run(OperationKind.SUSPEND, marie)
    pods = [pod for pod in parishes.engine.observe_fleet().pods if pod.instance == MARIE and pod.ended_at is None]
    assert pods == []
    assert_ledger_is_true(parishes, marie, {})
    parishes.run(OperationKind.RESUME, marie)
    # make_small_plan, of which the CPU above 100m is a tenth; the router's part is with its server.
    held = {"db": Reservation(25, 384 * MEBIBYTE), "httpd": Reservation(200, 1124 * MEBIBYTE)}
    assert_ledger_is_true(parishes, marie, held)
    assert parishes.read_content(marie) == before
    assert html.unescape(parishes.read_page(marie)).count(CAST[MARIE][0]) == 2


def test_the_kubelet_s_restart_is_not_noticed(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    starts = parishes.cluster.list("pods", namespace=PAUL)
    parishes.cluster.kill("kubelet")
    assert CAST[PAUL][4] in html.unescape(parishes.read_page(paul))
    parishes.cluster.start("kubelet")
    parishes.run(OperationKind.BACKUP, paul)
    after = {pod["metadata"]["uid"]: pod for pod in parishes.cluster.list("pods", namespace=PAUL)}
    servers = [pod for pod in starts if "job-name" not in pod["metadata"]["labels"]]
    assert {pod["metadata"]["uid"] for pod in servers} <= set(after)


def test_the_api_server_is_killed_in_the_middle_of_a_backup(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    killed: list[str] = []

    def kill_once(operation: Operation) -> None:
        running = operation.steps.filter(state="running").values_list("name", flat=True)
        if not killed and "take" in running:
            killed.extend(running)
            parishes.cluster.kill("apiserver")
        elif killed and len(killed) < 4:
            killed.append("turn without an API server")
            if len(killed) == 4:
                parishes.cluster.start("apiserver")

    parishes.run(OperationKind.BACKUP, paul, between=kill_once)
    assert len(killed) == 4


def test_a_clone_has_the_data_another_address_and_no_mail(parishes: ClusterParishes) -> None:
    paul = parishes.get(PAUL)
    backup_id = parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
    sandbox = parishes.get(PAUL, kind=InstanceKind.SANDBOX)
    operation = parishes.run(
        OperationKind.RESTORE, sandbox, backup_id=backup_id, source=PAUL, confirm=sandbox.identifier
    )
    assert operation.result["clone"] is True
    count = "SELECT COUNT(*) FROM civicrm_contact"
    assert parishes.execute(sandbox, count) == parishes.execute(paul, count)
    assert CAST[PAUL][4] in html.unescape(parishes.read_page(sandbox))
    settings = parishes.shell(sandbox, "cat /app/web/sites/default/*settings.php")
    assert sandbox.host in settings and f"'^{paul.host}" not in settings
    assert "CIVICRM_MAIL_LOG" in settings
    schedule = parishes.cluster.get("cronjob", "civicron", namespace=sandbox.identifier)
    assert schedule["spec"]["suspend"] is True
    parishes.cluster.kubectl("delete", "namespace", sandbox.identifier, "--wait=false")
    del parishes.secrets[sandbox.identifier]


def test_an_upgrade_changes_data_and_images_and_one_that_fails_brings_both_back(parishes: ClusterParishes) -> None:
    marie = parishes.get(MARIE)
    make_release_row("standin-2", civicrm="5.70.0", httpd="2")
    parishes.run(OperationKind.UPGRADE, marie, release="standin-2")
    version = "SELECT version FROM civicrm_domain"
    assert parishes.execute(marie, version).strip() == "5.70.0"
    assert parishes.shell(marie, "cat /app/web/sites/default/files/updated.txt; echo $RELEASE").split() == [
        "5.70.0",
        "2",
    ]
    before = parishes.read_content(marie)
    make_release_row("standin-broken", civicrm="5.71.0", update="broken", httpd="1")
    operation = parishes.run(OperationKind.UPGRADE, marie, expected=OperationState.FAILED, release="standin-broken")
    assert operation.error_code == "upgrade_rolled_back"
    assert marie.release.name == "standin-2"
    assert parishes.read_content(marie) == before
    assert parishes.shell(marie, "echo $RELEASE").strip() == "2"
    assert CAST[MARIE][4] in html.unescape(parishes.read_page(marie))


def test_deleted_it_keeps_its_backups_and_purged_it_is_gone(parishes: ClusterParishes) -> None:
    marie = parishes.get(MARIE)
    parishes.run(OperationKind.DELETE, marie)
    observed = parishes.engine.observe(MARIE)
    assert (observed.exists, observed.remains) == (False, ())
    assert observed.backup_ids and len(list_volumes(parishes.cluster, MARIE)) == 1
    parishes.run(OperationKind.DELETE, marie, confirm=MARIE, final_backup=False, purge_backups=True)
    assert not parishes.cluster.exists("namespace", MARIE)
    wait_until(lambda: list_volumes(parishes.cluster, MARIE) == [], "its volumes are gone")
    del parishes.secrets[MARIE]
