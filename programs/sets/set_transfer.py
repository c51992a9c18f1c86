"""What `send` and `receive` agree on: how a set goes from one instance's volume to another's of the same parish.

Over TLS; the sender proves who it is by its certificate, the receiver by a token that only who knows the key that signs
the source's sets can make. The stream is one tar of the set's files, none of them below another directory.
"""

import hashlib
import hmac
import re
from pathlib import Path

PORT = 8443
# Beside the instance's own sets, never among them: it is another instance's, and the next one takes its place.
FOREIGN = ".from-others"
PARTIAL = ".partial-"
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
CHUNK_BYTES = 1024 * 1024


def compute_token(key: bytes, backup_id: str) -> str:
    """The word that opens one set of the instance whose sets `key` signs."""
    return hmac.new(key, f"pass {backup_id}".encode(), hashlib.sha256).hexdigest()


def make_path(backup_id: str) -> str:
    """The set's path on the sender."""
    return f"/sets/{backup_id}"


def get_place(backups_dir: Path, backup_id: str) -> Path:
    """Where the receiver keeps the set."""
    return backups_dir / FOREIGN / backup_id
