"""The step of a look into a set: one page of what it holds, which becomes the operation's result."""

import base64
import binascii
import json
import zlib
from typing import Any

from django.conf import settings

from backups.elsewhere import bring_back
from backups.records import record_returned
from backups.selectors import get_backup
from backups.steps import compute_run_seconds
from backups.verify_steps import run_verification
from domain.errors import CiviparoisseError
from domain.specs import JobProgram
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.programs import run_step_program
from operations.steps.servers import select_running

# A page is packed into some KiB by who may be another machine.
MOST_PAGE_BYTES = 1 << 20
# In the step's data: the set was not on its volume, and is checked whole before it is believed.
BROUGHT_KEY = "brought"
PASSED_ON = ("look", "within", "below", "search", "after")


def list_contents(context: StepContext) -> Outcome:
    """List what was asked for; a set that is no longer on its volume is brought back to it first. Raise
    `backup_missing` where no place has it."""
    asked = context.parameters
    backup = get_backup(asked["backup"])
    observed = context.engine.observe(context.instance.identifier)
    is_here = backup.backup_id in observed.backup_ids
    context.step_data[BROUGHT_KEY] = context.step_data.get(BROUGHT_KEY, False) or not is_here
    brought = bring_back(context, backup, is_here=is_here)
    if brought is None:
        raise CiviparoisseError("backup_missing", instance=context.instance.identifier, backup_id=backup.backup_id)
    if isinstance(brought, Wait):
        return brought
    if context.step_data[BROUGHT_KEY]:
        record_returned(backup.backup_id)
        checked = run_verification(context, backup, timeout_seconds=settings.VERIFY_TIMEOUT_SECONDS)
        if isinstance(checked, Wait):
            return checked
    status = run_step_program(
        context,
        spec=context.make_spec(select_running(observed)),
        program=JobProgram.BROWSE,
        deadline_seconds=compute_run_seconds(context, settings.VERIFY_TIMEOUT_SECONDS),
        environment={
            "BACKUP_ID": backup.backup_id,
            **{name.upper(): str(asked[name]) for name in PASSED_ON if asked.get(name)},
        },
        set_of=context.instance.identifier,
    )
    if isinstance(status, Wait):
        return status
    page = parse_page((status.result or {}).get("page"))
    return Done(result={"backup_id": backup.backup_id, **{name: asked[name] for name in PASSED_ON}, **page})


def parse_page(text: object) -> dict[str, Any]:
    """Return {entries, next} of what programs.browse writes. Raise CiviparoisseError `job_lost` for another text."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(str(text), validate=True), MOST_PAGE_BYTES)
        page = json.loads(data)
        entries, following = list(page["entries"]), page["next"]
        if not all(isinstance(entry, dict) for entry in entries) or not isinstance(following, int | None):
            raise TypeError
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CiviparoisseError("job_lost", instance="", program=JobProgram.BROWSE.value) from error
    return {"entries": entries, "next": following}
