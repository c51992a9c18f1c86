"""The manager's processes of a test: the clock is killed at each of its writes, people act at the same instant.

Run as a module in a process of tests.fleet.Fleet; says on its last line how much was tried, or fails.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any

import django

WRITES = ("INSERT", "UPDATE", "DELETE")
ROUNDS = 3
MOST_WRITES = 60


def fork(act: Callable[[], Any]) -> tuple[int, int]:
    """Do `act` in a process of its own with a connection of its own; return its pid, and the pipe that starts it."""
    from django.db import connections

    connections.close_all()
    waits, starts = os.pipe()
    pid = os.fork()
    if pid:
        os.close(waits)
        return pid, starts
    os.close(starts)
    code = 1
    try:
        os.read(waits, 1)
        code = int(act() or 0)
    except Exception:  # noqa: BLE001 - told, and the exit code says it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def run_together(acts: Iterable[Callable[[], Any]]) -> list[int]:
    """Do all `acts` at the same instant; return how each process ended, -9 for one that was killed."""
    begun = [fork(act) for act in acts]
    for _pid, starts in begun:
        os.close(starts)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, _starts in begun]


def die_before_write(number: int, act: Callable[[], Any]) -> Callable[[], None]:
    """Return `act` in a process that is killed right before its write of that number (from 1)."""
    from django.db import connection

    def execute(run: Any, sql: str, *arguments: Any) -> Any:
        nonlocal number
        if sql.startswith(WRITES):
            number -= 1
            if number == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return run(sql, *arguments)

    def do() -> None:
        with connection.execute_wrapper(execute):
            act()

    return do


def kill_clock(prepare: Callable[[int], Any], check: Callable[[Any, bool], None]) -> int:
    """Kill the clock before each of its writes on what `prepare` makes, have `check` look at what that left, and again
    once the next clock has run. Return how many writes there were."""
    from django.utils import timezone

    from parish_requests.running import advance_requests

    for number in range(1, MOST_WRITES):
        request = prepare(number)
        (code,) = run_together([die_before_write(number, lambda: advance_requests(now=timezone.now()))])
        assert code in (0, -signal.SIGKILL), code
        check(request, False)
        assert run_together([lambda: advance_requests(now=timezone.now())]) == [0]
        check(request, True)
        if code == 0:
            return number - 1
    raise AssertionError("the clock never came to its end")


def kill_at_the_beginning() -> int:
    """The clock dies while it begins an approved restore."""
    from parish_requests.models import RestoreRequest
    from parish_requests.record import find_record_break
    from tests.parish_requests.cast import list_lines, list_operations_of, make_approved, make_parish

    def prepare(number: int) -> RestoreRequest:
        return make_approved(make_parish(f"begin-{number}"))

    def check(request: RestoreRequest, is_over: bool) -> None:
        request.refresh_from_db()
        begun = list_operations_of(request)
        assert begun == ([request.operation] if request.state == "running" else []), (request.state, begun)
        assert list_lines(request).count("start") == len(begun) and find_record_break(request) is None
        assert not is_over or len(begun) == 1

    return kill_clock(prepare, check)


def kill_at_the_end() -> int:
    """The clock dies while it notes that a restore has ended."""
    from django.utils import timezone

    from backups.models import Backup, BackupReason
    from operations.models import Operation
    from parish_requests.models import RestoreRequest
    from parish_requests.record import find_record_break
    from parish_requests.running import advance_requests
    from tests.backups.rows import make_backup_row
    from tests.parish_requests.cast import list_lines, make_approved, make_parish

    def prepare(number: int) -> RestoreRequest:
        request = make_approved(instance := make_parish(f"end-{number}"))
        advance_requests(now=timezone.now())
        safety = make_backup_row(instance, reason=BackupReason.SAFETY, stored_bytes=1)
        ended = {"state": "succeeded", "lock": None, "ended_at": timezone.now()}
        request.refresh_from_db()
        assert request.operation is not None
        Operation.objects.filter(pk=request.operation.pk).update(
            **ended, data={**request.operation.data, "safety_backup_id": safety.backup_id}
        )
        return request

    def check(request: RestoreRequest, is_over: bool) -> None:
        request.refresh_from_db()
        safety = Backup.objects.get(instance=request.instance, reason=BackupReason.SAFETY)
        is_done = request.state == "done"
        assert (request.safety_backup == safety, safety.pinned_at is not None) == (is_done, is_done)
        assert list_lines(request).count("finish") == is_done and find_record_break(request) is None
        assert safety.pin_events.count() == is_done and (is_done or not is_over)

    return kill_clock(prepare, check)


def decide_together() -> int:
    """Two persons approve, or one approves and one refuses, at the same instant."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from domain.errors import CiviparoisseError
    from parish_requests.deciding import refuse_request
    from parish_requests.models import RestoreRequest
    from parish_requests.record import find_record_break
    from tests.parish_requests.cast import approve, make_parish, make_sent, make_staff

    instance = make_parish("together")

    def decide(request: RestoreRequest, name: str, *, refuses: bool = False) -> int:
        person, row = User.objects.get(username=name), RestoreRequest.objects.get(pk=request.pk)
        try:
            if refuses:
                refuse_request(row, "non", person=person, actor=make_staff(person), now=timezone.now())
            else:
                approve(row, person)
        except CiviparoisseError as error:
            return 3 if error.code == "request_state_forbids" else 4
        return 0

    for number in range(ROUNDS):
        for needed, refuses, ends in ((1, False, [0, 3]), (2, False, [0, 0]), (1, True, [0, 3])):
            request = make_sent(instance, wish="help")
            RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=needed)
            acts = [
                lambda row=request: decide(row, "marc"),  # type: ignore[misc]
                lambda row=request, no=refuses: decide(row, "lucie", refuses=no),  # type: ignore[misc]
            ]
            codes = run_together(acts)
            request.refresh_from_db()
            assert sorted(codes) == ends, (number, needed, refuses, codes)
            assert request.state == ("refused" if refuses and codes == [3, 0] else "approved"), (codes, request.state)
            assert find_record_break(request) is None
            RestoreRequest.objects.filter(pk=request.pk).delete()
    return ROUNDS


def begin_together() -> int:
    """Two clocks find the same approved restore at the same instant; the same is sent twice at the same instant."""
    from django.utils import timezone

    from domain.errors import CiviparoisseError
    from parish_requests.actors import MANAGER
    from parish_requests.asking import submit_request
    from parish_requests.models import RestoreRequest
    from parish_requests.record import find_record_break
    from parish_requests.running import advance_requests
    from tests.parish_requests.cast import approve, list_operations_of, make_draft, make_parish

    def send(request: RestoreRequest) -> int:
        try:
            submit_request(RestoreRequest.objects.get(pk=request.pk), actor=MANAGER, now=timezone.now())
        except CiviparoisseError as error:
            return 3 if error.code == "request_open_already" else 4
        return 0

    from django.contrib.auth.models import User

    for number in range(ROUNDS):
        instance = make_parish(f"twice-{number}")
        drafts = [make_draft(instance) for _twice in range(2)]
        codes = run_together([lambda row=row: send(row) for row in drafts])  # type: ignore[misc]
        assert sorted(codes) == [0, 3], codes
        request = RestoreRequest.objects.get(instance=instance, state="submitted")
        for name in ("marc", "lucie")[: request.approvals_needed]:
            approve(request, User.objects.get(username=name))
        assert run_together([lambda: advance_requests(now=timezone.now())] * 2) == [0, 0]
        request.refresh_from_db()
        assert request.state == "running" and list_operations_of(request) == [request.operation]
        assert find_record_break(request) is None
    return ROUNDS


def main() -> None:
    """Try all of it, and say how much was tried."""
    django.setup()
    from tests.parish_requests.cast import make_person

    for name in ("marc", "lucie"):
        make_person(name)
    tried = [kill_at_the_beginning, kill_at_the_end, decide_together, begin_together]
    sys.stdout.write(json.dumps({one.__name__: one() for one in tried}) + "\n")


if __name__ == "__main__":
    main()
