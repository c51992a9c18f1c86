"""Show what an instance should be and what is really there."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.specs import ObservedInstance
from domain.states import InstanceState
from domain.words import word, word_progress
from engine.registry import get_engine
from operations.commands import DocumentCommand
from operations.registry import list_next_actions
from operations.room import record_rooms, room_as_dict
from operations.selectors import get_instance, list_operations, make_error


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Show what an instance should be and what is really there.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance."""
        parser.add_argument("instance", help=_("identifier of the instance"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the row and the engine's view."""
        instance = get_instance(options["instance"])
        last = list_operations(instance=instance.identifier).first()
        seen = get_engine(instance.engine).observe(instance.identifier)
        record_rooms({instance.pk: seen})
        return {
            "instance": instance.identifier,
            "tenant": instance.tenant.slug,
            "kind": instance.kind,
            "host": instance.host,
            "url": instance.url or None,
            "engine": instance.engine,
            "state": instance.state,
            "error": make_error(instance.error_code, instance.error_params),
            "next_actions": [kind.code for kind in list_next_actions(InstanceState(instance.state), instance.kind)],
            "last_operation": last.public_id if last else None,
            "room": room_as_dict(instance),
            "observed": observed_as_dict(seen),
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per fact."""
        lines = [f"{answer['instance']}: {word('state', answer['state'])}  {answer['url'] or '-'}"]
        if answer["error"]:
            lines += [answer["error"]["message"], answer["error"]["hint"]]
        components = answer["observed"]["components"]
        lines += [
            f"  {name:6} {word('phase', seen['phase']):12} {word_progress(seen['detail'])}"
            for name, seen in components.items()
        ]
        actions = ", ".join(word("kind", kind) for kind in answer["next_actions"])
        lines += [word_progress(answer["observed"]["limits"])]
        expiries = answer["observed"]["expiries"].items()
        lines += [_("The certificate %(part)s expires on %(at)s.") % {"part": part, "at": at} for part, at in expiries]
        lines += [f"{found['message']} {found['hint']}" for found in answer["room"]["findings"]]
        lines += [_("Possible now: %(allowed)s.") % {"allowed": actions}] if actions else []
        return "\n".join(line for line in lines if line)


def observed_as_dict(observed: ObservedInstance) -> dict[str, Any]:
    """Return what the engine sees as JSON values."""
    return {
        "exists": observed.exists,
        "initialised": observed.initialised,
        "components": {
            name.value: {"phase": component.phase.value, "detail": component.detail}
            for name, component in sorted(observed.components.items())
        },
        "url": observed.url,
        "limits": observed.limits,
        "remains": list(observed.remains),
        "backup_ids": list(observed.backup_ids),
        "expiries": {part: at.isoformat(timespec="seconds") for part, at in sorted(observed.expiries.items())},
    }
