"""Words for codes, by the name of what they are the value of. Codes are stored and sent; words are made when shown."""

from collections.abc import Mapping
from typing import Any

from domain.program_texts import ADVICE, CAUSES, PROGRESS, PROGRESS_OF
from domain.states import InstanceState, OperationState, StepState
from domain.texts import mark as _
from domain.texts import mark_in_context as pgettext

INSTANCE_STATES = {
    InstanceState.NEW.value: _("new"),
    InstanceState.PROVISIONING.value: _("being provisioned"),
    InstanceState.ACTIVE.value: pgettext("instance", "active"),
    InstanceState.SUSPENDING.value: _("being suspended"),
    InstanceState.SUSPENDED.value: _("suspended"),
    InstanceState.RESUMING.value: _("being resumed"),
    InstanceState.RESTORING.value: _("being restored"),
    InstanceState.RESIZING.value: _("being resized"),
    InstanceState.UPGRADING.value: _("being upgraded"),
    InstanceState.DELETING.value: _("being deleted"),
    InstanceState.DELETED.value: _("deleted"),
    InstanceState.FAILED.value: _("failed"),
}
OPERATION_STATES = {
    OperationState.QUEUED.value: _("queued"),
    OperationState.RUNNING.value: _("running"),
    OperationState.WAITING.value: _("waiting"),
    OperationState.SUCCEEDED.value: _("succeeded"),
    OperationState.FAILED.value: _("failed"),
    OperationState.CANCELLED.value: _("cancelled"),
}
STEP_STATES = {
    StepState.PENDING.value: _("pending"),
    StepState.RUNNING.value: _("running"),
    StepState.DONE.value: _("done"),
    StepState.FAILED.value: _("failed"),
    StepState.SKIPPED.value: _("skipped"),
}
# What a NotFound may be about.
THINGS = {
    "tenant": _("parish"),
    "instance": _("instance"),
    "operation": _("operation"),
    "kind of operation": _("kind of operation"),
    "backup": _("backup"),
    "plan": _("plan"),
    "policy": _("backup policy"),
    "release": _("release"),
    "engine": _("engine"),
    "cluster": _("cluster"),
    "destination": _("destination"),
    "blueprint": _("blueprint"),
    "database server": _("database server"),
    "account": _("account"),
    "price sheet": _("price sheet"),
    "token": _("token"),
    "request": _("request"),
    "contact": _("contact"),
    "campaign": _("campaign"),
}
PROGRAMS = {
    "init": _("initialisation program"),
    "update": _("update program"),
    "backup": _("backup program"),
    "verify": _("verification program"),
    "restore": _("restore program"),
    "browse": _("browsing program"),
    "consistency": _("consistency program"),
    "figures": _("program that counts"),
    "discard": _("removal program"),
    "inspect": _("inspection program"),
    "send": _("sending program"),
    "receive": _("receiving program"),
    "copy": _("copying program"),
    "fetch": _("fetching program"),
    "tools": _("tools"),
}
VOLUMES = {
    "db_volume_bytes": _("database volume"),
    "files_volume_bytes": _("files volume"),
    "private_volume_bytes": _("private files volume"),
    "backups_volume_bytes": _("backups volume"),
    # The same, as an instance's own programs call them.
    "db": _("database volume"),
    "files": _("files volume"),
    "private": _("private files volume"),
    "backups": _("backups volume"),
}
PHASES = {
    "ready": _("ready"),
    "starting": _("starting"),
    "stopped": _("stopped"),
    "failed": _("failed"),
}
# What there is too little of for one more instance (domain.capacity.Binding).
BINDINGS = {
    "memory": _("memory"),
    "cpu": _("CPU"),
    "pods": _("pods per node"),
    "volumes": _("volumes per node"),
    "nodes": _("nodes that take pods"),
}
# What a price sheet may lack (finops.prices.pricing.CostKind).
PRICED_THINGS = {
    "cpu": _("vCPU"),
    "memory": _("memory"),
    "storage": _("volumes"),
    "backup": _("stored backups"),
}
# Who says which image is pulled (manifests.images).
SOURCES = {
    "release": _("release"),
    "blueprint": _("blueprint"),
    "mirror": _("mirror"),
    "digest": _("digest"),
}
# Why a server did not answer, as engines say it.
FAILURES = {
    "no connection": _("no connection"),
    "no answer in time": _("no answer in time"),
    "no end in time": _("no end in time"),
    "the answer is no document of its API": _("the answer is no document of its API"),
    "its certificate is not to be trusted, or it is no TLS server": _(
        "its certificate is not to be trusted, or it is no TLS server"
    ),
    "being deleted": _("being deleted"),
}
# What a program says with the names of what it is about, where these are among its parameters: else its own words.
MESSAGES: dict[str, Any] = {
    "hidden_routine": _("the account %(user)s may not read %(routines)s"),
    "missing_privilege": _("the account %(user)s lacks %(privilege)s on the database %(database)s"),
    "other_vendor": _("the backup was made on %(origin)s, and the server is %(server)s"),
    "older_server": _("the backup was made on %(origin)s, and the server is %(server)s"),
}
# A parameter's name in error_texts.py -> the words of its values. Each state is named alike wherever it occurs.
WORDS: dict[str, Mapping[str, Any]] = {
    "state": {**STEP_STATES, **OPERATION_STATES, **INSTANCE_STATES, "good": _("good")},
    "what": THINGS,
    "program": PROGRAMS,
    "phase": PHASES,
    "volume": VOLUMES,
    "source": SOURCES,
    "cause": CAUSES,
    "binding": BINDINGS,
    "detail": FAILURES,
    "thing": PRICED_THINGS,
}


def add_words(name: str, words: Mapping[str, Any]) -> None:
    """Give the values of the parameter `name` words that a higher layer knows (labels of steps, say)."""
    WORDS[name] = {**WORDS.get(name, {}), **words}


def word(name: str, value: object) -> str:
    """Return the word for the value of `name` in the active language; a value without one is its own word, also where
    it says first what was asked ("list pods: no answer in time")."""
    words, text = WORDS.get(name, {}), str(value)
    asked, colon, said = text.rpartition(": ")
    if text not in words and said in words:
        return f"{asked}{colon}{words[said]}"
    return str(words.get(text, value))


def word_progress(message: str) -> str:
    """Return what a program or an engine says of how far it is, in the active language where it is known."""
    if message in PROGRESS:
        return str(PROGRESS[message])
    for beginning, text in PROGRESS_OF.items():
        if message.startswith(beginning):
            return str(text) % {"name": message.removeprefix(beginning)}
    return message


def word_message(params: Mapping[str, Any]) -> str:
    """Return what a program says of what it is about, in the active language where all names are told."""
    text, said = MESSAGES.get(str(params["code"])), str(params["message"])
    try:
        return said if text is None else str(text) % params
    except KeyError:  # told by a program of before, or of another kind
        return said


def word_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error's parameters with words for codes, also in the comma-separated list `allowed`; and for the
    `code` of a program what it means (`cause`), what it is about (`message`) and what to do (`hint`), else its own."""
    worded = {name: word(name, value) if name in WORDS else value for name, value in params.items()}
    if "code" in params:
        worded["cause"] = word("cause", params["code"])
        worded["hint"] = str(ADVICE.get(str(params["code"]), params.get("hint", "")))
        if "message" in params:
            worded["message"] = word_message(params)
    if "allowed" in params:
        worded["allowed"] = ", ".join(word("allowed", kind) for kind in str(params["allowed"]).split(", "))
    return worded
