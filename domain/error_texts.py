"""Texts of every error code: message (what happened, to which tenant) and hint (what to do).

Those that one kind of operation alone raises stand beside its declaration, and come in with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.access_texts import ACCESS_TEXTS
from domain.campaign_texts import CAMPAIGN_TEXTS
from domain.cluster_texts import CLUSTER_TEXTS
from domain.contact_texts import CONTACT_TEXTS
from domain.cost_texts import COST_TEXTS
from domain.door_texts import DOOR_TEXTS
from domain.local_texts import LOCAL_TEXTS
from domain.manager_texts import MANAGER_TEXTS
from domain.offsite_texts import OFFSITE_TEXTS
from domain.recovery_texts import RECOVERY_TEXTS
from domain.request_texts import REQUEST_TEXTS
from domain.texts import mark as _
from domain.watch_texts import WATCH_TEXTS


@dataclass(frozen=True, slots=True)
class ErrorText:
    """`status`: the HTTP status of the REST API. `retryable`: whether the runner may try the step again."""

    message: Any
    hint: Any = ""
    status: int = 409
    retryable: bool = False


TEXTS: dict[str, ErrorText] = {
    "unexpected": ErrorText(
        _("An unexpected error stopped the work on %(instance)s."),
        _("The log of the worker has the details under operation %(operation)s. Ask again once it is understood."),
        500,
    ),
    "not_found": ErrorText(_("There is no %(what)s named %(name)s."), _("Check the name."), 404),
    "command_line_invalid": ErrorText(
        _("The command line is not right; standard error says where."), _("Look at its --help."), 400
    ),
    "database_unavailable": ErrorText(
        _("The manager's own database does not answer (%(detail)s)."),
        _("Start it, or prepare it with `make setup`."),
        503,
    ),
    "invalid_value": ErrorText(_("%(field)s: %(reason)s"), "", 400),
    "invalid_tenant": ErrorText(_("Parish %(tenant)s: %(count)s values were refused:%(summary)s"), "", 400),
    "slug_taken": ErrorText(
        _("The sub-domain %(tenant)s is taken."),
        _("Choose another; it is free again once its instances are purged and its parish is deleted."),
    ),
    "tenant_in_use": ErrorText(
        _("Parish %(tenant)s cannot be deleted: %(obstacles)s."),
        _("First, for each (nothing can be restored after a purge): %(commands)s"),
    ),
    "instance_in_use": ErrorText(
        _("Instance %(instance)s cannot be removed from the list: %(obstacles)s."),
        _("First (nothing can be restored after a purge): %(commands)s"),
    ),
    "instance_exists": ErrorText(
        _("Parish %(tenant)s already has the instance %(instance)s."),
        _("There is one instance of each kind. Look at it: instance_status %(instance)s."),
    ),
    "host_taken": ErrorText(
        _("The host %(host)s of %(instance)s is the one of %(other)s already."),
        _("Give the cluster a host_template under which no two instances share a host."),
    ),
    "default_missing": ErrorText(
        _("No %(what)s is the default one."), _("Make one the default in the administration, or name one.")
    ),
    "default_needed": ErrorText(
        _("%(name)s is the default: there must always be one."), _("Make another one the default first.")
    ),
    "plan_exists": ErrorText(_("There already is a plan named %(name)s."), _("Choose another name.")),
    "release_exists": ErrorText(_("There already is a release named %(name)s."), _("Choose another name.")),
    "plan_volume_shrinks": ErrorText(
        _("%(field)s of the plan %(plan)s cannot be smaller: %(instance)s has that volume, and volumes cannot shrink."),
        _("Make another plan instead: plan_create NAME --like %(plan)s"),
    ),
    "instance_made": ErrorText(
        _("%(instance)s is not new any more: its plan and release are changed by operations."),
        _(
            "Its plan: instance_resize %(instance)s --plan NAME; its release: instance_upgrade %(instance)s --release"
            " NAME"
        ),
    ),
    "plan_incomplete": ErrorText(
        _("The plan %(plan)s says nothing of these containers: %(containers)s."),
        _("Complete it in the administration or by plan_update, or use another plan."),
    ),
    "file_unreadable": ErrorText(_("%(path)s cannot be read: %(detail)s."), _("Check the file."), 400),
    "confirmation_mismatch": ErrorText(
        _("Nothing was deleted: the confirmation is not the name %(name)s."), _("Type --confirm %(name)s.")
    ),
    "stray_foreign": ErrorText(
        _("This manager has no record of having made %(name)s on %(engine)s: it may be another manager's."),
        _("If certainly nobody needs it: kubectl delete namespace %(name)s"),
    ),
    "volume_held": ErrorText(
        _("The volume %(name)s is not left: a claim of %(instance)s has it (%(phase)s)."),
        _("It goes with its instance: instance_delete %(instance)s."),
    ),
    "volume_foreign": ErrorText(
        _("This manager has no record of the volume %(name)s on %(engine)s: it may be somebody else's."),
        _("If certainly nobody needs it, set its reclaim policy to Delete: kubectl edit persistentvolume %(name)s"),
    ),
    "stray_owned": ErrorText(
        _("%(name)s is in use: it is the instance of the parish %(tenant)s."),
        _("To purge it: instance_delete %(name)s."),
    ),
    "instance_busy": ErrorText(
        _("Instance %(instance)s is busy: operation %(operation)s (%(kind)s) is in the way."),
        _("Wait until it ends, or cancel it: operation_cancel %(operation)s."),
    ),
    "state_forbids": ErrorText(
        _("Instance %(instance)s is in state “%(state)s”: “%(kind)s” is not possible now."),
        _("Possible now: %(allowed)s."),
    ),
    "idempotency_key_reused": ErrorText(
        _("The idempotency key was already used for another request (operation %(operation)s)."),
        _("Use a new key for a new request."),
    ),
    "engine_unavailable": ErrorText(
        _("The engine did not answer for %(instance)s: %(detail)s"),
        _("If it lasts, look at the machine of the instances; an operation that has failed can be asked for again."),
        503,
        retryable=True,
    ),
    "program_failed": ErrorText(
        _("The %(program)s failed on %(instance)s: %(cause)s (%(code)s: %(message)s)."),
        "%(hint)s",
    ),
    "job_lost": ErrorText(
        _("The %(program)s was killed on %(instance)s before it could report."),
        _("Look at the memory of the machine; an operation that has failed can be asked for again."),
        retryable=True,
    ),
    "deadline_exceeded": ErrorText(
        _("Step “%(step)s” of %(instance)s did not end within %(seconds)s seconds. %(detail)s"),
        _("Look at the instance's logs, then ask again."),
    ),
    "start_impossible": ErrorText(
        _("%(instance)s cannot start, however long is waited: %(detail)s"),
        _("Mend what is named (the release’s images, the registry’s account, the node), then ask again."),
    ),
    "secret_unreadable": ErrorText(
        _("A stored secret cannot be read with the encryption key “%(key_id)s”."),
        _("Put the key that wrote it back into FIELD_KEYS (all listed keys decrypt), then run secrets_reencrypt."),
        500,
    ),
    "confirmation_missing": ErrorText(
        _("%(instance)s is not deleted: nobody confirmed it."),
        _("Repeat its identifier in `confirm` (--confirm %(instance)s)."),
    ),
    "init_incomplete": ErrorText(
        _("The initial data of %(instance)s is not complete although its init program ended well."),
        _("Delete the instance and provision it again; the log of the init program has the details."),
    ),
    "purge_incomplete": ErrorText(
        _("The deletion of %(instance)s is not complete; left: %(remains)s."),
        _("Ask for the deletion again: it continues where it stopped."),
        retryable=True,
    ),
    "workers_lost": ErrorText(
        _("Step “%(step)s” of %(instance)s was given up: %(times)s workers died while they worked on it."),
        _("Look at the memory of the machine and the log of the worker, then ask again."),
        500,
    ),
    "operation_cancelled": ErrorText(
        _("Operation %(operation)s on %(instance)s was cancelled half-way."),
        _("Ask for the same again to complete it."),
    ),
    "secret_not_exported": ErrorText(
        _("%(model)s.%(field)s is a secret and is not written to a file."),
        _("Copy the manager's database with its own tools (they keep it encrypted), or name the models to export."),
    ),
    "operation_ended": ErrorText(_("Operation %(operation)s has already ended (%(state)s)."), ""),
    # The REST door's own refusals.
    "values_invalid": ErrorText(
        _("%(count)s values were refused."), _("Each is named under “fields” with its reason."), 400
    ),
    "malformed_request": ErrorText(
        _("The body of the request could not be read: %(detail)s"), _("Send one JSON document in UTF-8."), 400
    ),
    "payload_too_large": ErrorText(_("The body of the request is larger than %(limit_bytes)s bytes."), "", 413),
    "bad_request": ErrorText(
        _("The request was refused before it was read."),
        _("Its Host header must be one of CIVIPAROISSE_ALLOWED_HOSTS."),
        400,
    ),
    "length_required": ErrorText(
        _("The request does not say how long its body is."),
        _("Send Content-Length; a body in chunks is not read."),
        411,
    ),
    "address_too_long": ErrorText(_("The address is longer than %(limit_bytes)s bytes."), "", 414),
    "changed_meanwhile": ErrorText(
        _("%(what)s was changed since it was read: nothing was written."),
        _("Read it again, then send the change with the new ETag in If-Match."),
        412,
    ),
    "address_unknown": ErrorText(
        _("There is nothing at %(path)s."), _("The addresses are listed at /api/v1/schema/."), 404
    ),
    "method_not_allowed": ErrorText(
        _("%(method)s is not possible at this address."), _("The header Allow lists what is."), 405
    ),
    "not_acceptable": ErrorText(
        _("No answer can be given in the media type asked for."), _("Accept application/json."), 406
    ),
    "unsupported_media_type": ErrorText(
        _("The media type %(media_type)s is not accepted."), _("Send application/json."), 415
    ),
    "throttled": ErrorText(
        _("Too many refused tokens from this address."), _("Ask again in %(seconds)s seconds."), 429
    ),
    "server_error": ErrorText(
        _("The server met an unexpected error."), _("Its log has the details under reference %(reference)s."), 500
    ),
    "database_refused": ErrorText(
        _("The database server at %(where)s refused the account %(user)s or what it asked (error %(number)s)."),
        _("Check the account's password and rights, then ask again."),
        503,
    ),
    # backups
    "backup_missing": ErrorText(
        _("The backup %(backup_id)s is not on the backup volume of %(instance)s."),
        _("Choose another one; backup_list shows them."),
    ),
    "backup_not_good": ErrorText(
        _("The backup %(backup_id)s cannot be restored: its state is “%(state)s”."),
        _("Choose a good one; backup_list --state good shows them."),
    ),
    "final_backup_failed": ErrorText(
        _("%(instance)s was not deleted: its final backup could not be taken (%(cause)s). %(detail)s"),
        _("Remove the cause. To delete without it: final_backup false (--no-final-backup)."),
    ),
    "prune_unconfirmed": ErrorText(
        _("Backups of %(instance)s would be removed for good, and nobody confirmed it."),
        _("Repeat the identifier in `confirm` (--confirm %(instance)s)."),
    ),
    "policy_in_use": ErrorText(
        _("The backup policy %(policy)s is in use: %(users)s."),
        _("Give these another policy first: policy_set INSTANCE POLICY"),
    ),
    "policy_exists": ErrorText(
        _("There is a backup policy called %(policy)s already."), _("Choose another name, or change that one.")
    ),
    "backup_in_use": ErrorText(
        _("The backup %(backup_id)s is being read by operation %(operation)s."),
        _("Wait until it has ended: operation_show %(operation)s"),
    ),
    "backup_leaving": ErrorText(
        _("The backup %(backup_id)s is about to be removed by operation %(operation)s."),
        _("Choose another one, or cancel that operation first: operation_cancel %(operation)s"),
    ),
    **{code: ErrorText(*texts) for code, texts in LOCAL_TEXTS.items()},
    # manifests
    "template_invalid": ErrorText(
        _("The template %(template)s cannot be used: %(reason)s"),
        _("Correct the blueprint, or the release or the cluster that chooses its values."),
        500,
    ),
    **{code: ErrorText(*texts) for code, texts in (CLUSTER_TEXTS | COST_TEXTS | MANAGER_TEXTS | OFFSITE_TEXTS).items()},
    **{code: ErrorText(*texts) for code, texts in (ACCESS_TEXTS | RECOVERY_TEXTS | WATCH_TEXTS).items()},
    **{
        code: ErrorText(*texts) for code, texts in (CAMPAIGN_TEXTS | CONTACT_TEXTS | DOOR_TEXTS | REQUEST_TEXTS).items()
    },
}


def add_texts(texts: Mapping[str, ErrorText]) -> None:
    """Add the texts of codes that one part alone raises. Raise ValueError for a code that has others."""
    for code, text in texts.items():
        if TEXTS.setdefault(code, text) is not text:
            raise ValueError(f"two texts for the error code {code}")
