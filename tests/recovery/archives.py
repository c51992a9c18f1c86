"""A manager that can be archived: a proven recovery key, and a directory or a bucket as its destination."""

from pathlib import Path

from django.utils import timezone

from offsite.models import Destination, RecoveryKey
from recovery.sealing import make_identity
from tests.rows import make_instance_row


def prove_key() -> str:
    """Record a recovery key that somebody has proven; return its private half."""
    identity, recipient = make_identity()
    RecoveryKey.objects.create(recipient=recipient, created_by="cli:marie", proven_at=timezone.now())
    return str(identity)


def make_directory(path: Path, name: str = "directory") -> Destination:
    """Record a directory as a destination."""
    path.mkdir(parents=True, exist_ok=True)
    return Destination.objects.create(name=name, kind="directory", settings={"path": str(path)})


def make_manager(place: Path) -> str:
    """Make a manager with one parish that archives itself to `place`; return the private recovery key."""
    instance = make_instance_row("saint-paul")
    instance.secrets = {"db_password": "a secret of the parish"}
    instance.save()
    make_directory(place)
    return prove_key()
