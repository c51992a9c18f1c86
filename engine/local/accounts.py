"""The Unix account that owns an instance, and files written for it."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from domain.errors import CiviparoisseError


@dataclass(frozen=True, slots=True)
class Account:
    """User and group that run an instance. `uid` and `gid` are None for an ordinary user: everything is its own."""

    name: str
    uid: int | None
    gid: int | None


def get_account(name: str | None) -> Account:
    """Return the account called `name` when root, ourselves otherwise.

    Raise `missing_account` when root's choice does not exist or is root itself.
    """
    if os.geteuid() != 0:
        return Account(name=pwd.getpwuid(os.geteuid()).pw_name, uid=None, gid=None)
    try:
        entry = pwd.getpwnam(name or "")
    except KeyError as error:
        raise CiviparoisseError("missing_account", account=name or "-") from error
    if entry.pw_uid == 0:
        raise CiviparoisseError("missing_account", account=entry.pw_name)
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def give(path: Path, account: Account, *, mode: int, owned: bool = True) -> None:
    """Set the mode of `path`, and its owner: the account, or root with the account's group when not `owned`."""
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid if owned else 0, account.gid, follow_symlinks=False)
    os.chmod(path, mode)


def write_file(path: Path, text: str, account: Account, *, mode: int, owned: bool = False) -> None:
    """Write `text` atomically when it differs. Never seen with another mode or half written."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode():
        give(path, account, mode=mode, owned=owned)
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    give(partial, account, mode=mode, owned=owned)
    partial.rename(path)
