"""What the clock asks for, and how often."""

from typing import Any


def make_schedule(*, sweep_seconds: int, usage_seconds: int) -> dict[str, Any]:
    """Return Celery's schedule. `expires`: with no worker running, messages of the clock do not pile up."""
    return {
        "sweep": {
            "task": "operations.sweep",
            "schedule": float(sweep_seconds),
            "options": {"expires": sweep_seconds * 2},
        },
        "crons": {"task": "operations.crons", "schedule": 60.0, "options": {"expires": 60}},
        "upkeep": {"task": "operations.upkeep", "schedule": 60.0, "options": {"expires": 60}},
        "cluster-check": {"task": "clusters.check", "schedule": 6 * 3600.0, "options": {"expires": 3600}},
        "drift": {"task": "clusters.drift", "schedule": 3600.0, "options": {"expires": 3600}},
        "certificates": {"task": "clusters.certificates", "schedule": 3600.0, "options": {"expires": 3600}},
        "usage": {"task": "finops.usage", "schedule": float(usage_seconds), "options": {"expires": usage_seconds}},
        "nightly": {"task": "backups.nightly", "schedule": 60.0, "options": {"expires": 60}},
        "pruning": {"task": "backups.pruning", "schedule": 300.0, "options": {"expires": 300}},
        "scheduled": {"task": "backups.scheduled", "schedule": 300.0, "options": {"expires": 300}},
        # Copies elsewhere: what is due is begun or looked at, none is waited for.
        "copies": {"task": "offsite.copies", "schedule": 60.0, "options": {"expires": 60}},
        "copies-compare": {"task": "offsite.compare", "schedule": 3600.0, "options": {"expires": 3600}},
        "copies-prune": {"task": "offsite.prune", "schedule": 3600.0, "options": {"expires": 3600}},
        "destination-check": {"task": "offsite.check", "schedule": 3600.0, "options": {"expires": 3600}},
        # The manager itself, if something has changed.
        "manager-archive": {"task": "recovery.archive", "schedule": 900.0, "options": {"expires": 900}},
        "ledger": {"task": "finops.ledger", "schedule": 300.0, "options": {"expires": 300}},
        "budgets": {"task": "finops.budgets", "schedule": 3600.0, "options": {"expires": 3600}},
        # What the first page tells of room, waste and engines that do not answer.
        "sightings": {"task": "watch.sightings", "schedule": 300.0, "options": {"expires": 300}},
        # What is wrong since when; messages about it; a sign of life to a watch elsewhere.
        "watch": {"task": "watch.round", "schedule": 60.0, "options": {"expires": 60}},
        "heartbeat": {"task": "watch.heartbeat", "schedule": 300.0, "options": {"expires": 300}},
        # Links for parishes: they leave when they are asked for; here the ones whose message was lost.
        "parish-links": {"task": "parish_site.links", "schedule": 60.0, "options": {"expires": 60}},
        "parish-forgetting": {"task": "parish_site.forgetting", "schedule": 3600.0, "options": {"expires": 3600}},
        # Somebody waits before a page for a link to sign in.
        "mails": {"task": "parish_requests.deliver", "schedule": 10.0, "options": {"expires": 10}},
        # What parishes ask for: begun, followed, ended unanswered; and what is known of them erased in time.
        "requests": {"task": "parish_requests.advance", "schedule": 60.0, "options": {"expires": 60}},
        "requests-erase": {"task": "parish_requests.erase", "schedule": 3600.0, "options": {"expires": 3600}},
        # One operation over many instances: followed, stopped, and the next ones asked for.
        "campaigns": {"task": "campaigns.advance", "schedule": 60.0, "options": {"expires": 60}},
        # Each instance in one hour of the day.
        "visits": {"task": "finops.visits", "schedule": 3600.0, "options": {"expires": 3600}},
    }
