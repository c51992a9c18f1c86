"""The database's port in a site's own settings files, renewed when the server had to take another one."""

import subprocess

from domain.errors import EngineUnavailable
from engine.local.accounts import Account
from engine.local.image import find_python
from engine.local.layout import Layout

NAMES = ("settings.php", "civicrm.settings.php")
RENEW_SECONDS = 30
# Run as the instance's account: the tree is the site's, and a link that it plants leads nowhere it could not write
# itself. The file keeps its mode; Drupal's are read-only.
_PROGRAM = """
import os, re, sys
path, before, after = sys.argv[1:]
try:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
except FileNotFoundError:
    sys.exit(0)
with os.fdopen(descriptor, "rb") as file:
    text, mode = file.read(), os.fstat(file.fileno()).st_mode
old, new = before.encode(), after.encode()
renewed = re.sub(rb"('port'\\s*=>\\s*'?)" + old + rb"(?!\\d)", rb"\\g<1>" + new, text)
renewed = re.sub(rb"(127\\.0\\.0\\.1:)" + old + rb"(?!\\d)", rb"\\g<1>" + new, renewed)
if renewed != text:
    os.chmod(path, 0o600)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "wb") as file:
            file.write(renewed)
            file.flush()
            os.fsync(file.fileno())
    finally:
        os.chmod(path, mode & 0o7777)
"""


def renew_database_port(layout: Layout, account: Account, *, before: int, after: int) -> None:
    """Have the settings of the site name the port `after` where they named `before`. Raise EngineUnavailable with the
    reason when they cannot be written; nothing is done when nothing changed, or no site is there yet."""
    if before == after:
        return
    for name in NAMES:
        path = layout.path("files") / "default" / name
        done = subprocess.run(
            [find_python(), "-I", "-c", _PROGRAM, str(path), str(before), str(after)],
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.uid is not None else None,
            env={},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=RENEW_SECONDS,
            check=False,
        )
        if done.returncode:
            detail = f"{name} could not be given the database's port {after}: {done.stderr.strip()[-200:]}"
            raise EngineUnavailable(instance=layout.identifier, detail=detail)
