"""What an instance should be, as the document that engines keep beside it and backups carry."""

import dataclasses
import json
from typing import Any

from domain.specs import InstanceSpec


def make_desired_state(spec: InstanceSpec) -> str:
    """Return the desired state as JSON, without secrets: it is kept in every backup set too."""
    site: dict[str, Any] = dataclasses.asdict(spec.site)
    for server in ("smtp", "imap"):
        if site[server] is not None:
            del site[server]["password"]
    state = {
        "identifier": spec.identifier,
        "tenant": spec.tenant,
        "kind": spec.kind.value,
        "host": spec.host,
        "components": sorted(component.value for component in spec.components),
        "mail_enabled": spec.mail_enabled,
        "plan": dataclasses.asdict(spec.plan),
        "release": dataclasses.asdict(spec.release),
        "site": site,
    }
    return json.dumps(state, indent=1, sort_keys=True)
