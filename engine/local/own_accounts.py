"""One Unix account per instance, so that the program of one cannot read the files, keys and sockets of another.

An account is a number that no person, group or program of the machine has, claimed while the instance, or a backup kept
of it, is there. It has no entry in /etc/passwd: nobody signs in with it. Its files alone say whose an instance is.
"""

import contextlib
import grp
import hashlib
import os
import pwd
import shutil
import stat
import uuid
from functools import partial
from pathlib import Path

from domain.errors import CiviparoisseError, EngineUnavailable
from engine.local.accounts import Account, get_account
from engine.local.claims import Book
from engine.local.layout import OWNED_DIRECTORIES, Layout, list_identifiers
from engine.local.processes import find_processes, find_processes_of, kill_all
from engine.local.servers import SERVERS_IN_STOP_ORDER, ensure_stopped

# Only root adds to it: an instance must not be able to take all of them.
ACCOUNTS = Book(name="accounts", machine=Path("/var/lib/civiparoisse-accounts"), mode=0o755)


def ensure_account(layout: Layout, *, shared: str | None, numbers: range) -> Account:
    """Return who shall run the instance: when the manager is root an account of its own among `numbers`, claimed on the
    first call, or `shared` (a name) where one was chosen for all; ourselves otherwise. Raise `no_free_account`,
    `missing_account`. The caller holds the instance's lock."""
    if shared is not None or os.geteuid() != 0:
        return get_account(shared)
    return make_account(_ensure_number(layout, numbers))


def make_account(number: int) -> Account:
    """Return the account of a number: its group has the same one."""
    return Account(name=str(number), uid=number, gid=number)


def read_owner(path: Path) -> Account:
    """Return the account that `path` belongs to; ourselves when we are an ordinary user. Raise EngineUnavailable where
    it is root, as which nothing of an instance may run."""
    if os.geteuid() != 0:
        return get_account(None)
    facts = path.stat()
    if facts.st_uid == 0 or facts.st_gid == 0:
        detail = f"{path} belongs to root: resume the instance, and its files get their own account"
        raise EngineUnavailable(instance=path.parent.name, detail=detail)
    return Account(name=str(facts.st_uid), uid=facts.st_uid, gid=facts.st_gid)


def _ensure_number(layout: Layout, numbers: range) -> int:
    claims = {owner: number for number, owner in ACCOUNTS.list_claims(layout.root)}
    number = claims.get(layout.identifier)
    if number is None and layout.directory.is_dir():
        # A place whose claims were lost, or that came from another machine: its files say which number was its own.
        group = layout.directory.stat().st_gid
        number = group if group in numbers else None
    (layout.root / ACCOUNTS.name).mkdir(mode=0o755, parents=True, exist_ok=True)
    if number is not None:
        if not _is_somebodys(number) and ACCOUNTS.claim(layout.root, number, layout.identifier):
            return number
        release_account(layout)
    # Not always from the first: what a removed instance may have left elsewhere is not the next one's.
    first = int.from_bytes(hashlib.sha256(str(layout.directory).encode()).digest()[:4]) % len(numbers)
    for offset in range(len(numbers)):
        number = numbers[(first + offset) % len(numbers)]
        if not _is_somebodys(number) and ACCOUNTS.claim(layout.root, number, layout.identifier, is_new=True):
            return number
    raise CiviparoisseError("no_free_account", instance=layout.identifier, first=numbers.start, last=numbers.stop - 1)


def _is_somebodys(number: int) -> bool:
    """Return whether the machine knows a person, a group or a program by this number."""
    for look_up in (pwd.getpwuid, grp.getgrgid):
        with contextlib.suppress(KeyError):
            look_up(number)
            return True
    return False


def release_account(layout: Layout) -> None:
    """Give up the instance's account."""
    for number, owner in ACCOUNTS.list_claims(layout.root):
        if owner == layout.identifier:
            ACCOUNTS.release(layout.root, number)


def end_account(layout: Layout) -> None:
    """End whatever runs under the instance's own account, also what hid its mark."""
    for number, owner in ACCOUNTS.list_claims(layout.root):
        if owner == layout.identifier:
            kill_all(partial(find_processes_of, number), layout.identifier)


def hand_over(layout: Layout, account: Account) -> None:
    """Give the instance to `account` where it is another's, after ending what runs; may be repeated after being killed.

    The directory's own group says whose it is and changes last.
    """
    if account.uid is None or not layout.directory.is_dir() or layout.directory.stat().st_gid == account.gid:
        return
    for component in SERVERS_IN_STOP_ORDER:
        ensure_stopped(layout, component)
    kill_all(lambda: find_processes(str(layout.directory)), layout.identifier)
    for name in OWNED_DIRECTORIES:
        if layout.path(name).is_dir() and not layout.path(name).is_symlink():
            _give_tree(layout.path(name), account)


def _give_tree(top: Path, account: Account) -> None:
    """Give `top` and everything below it to `account`; links are never followed."""
    for _directory, _names, files, handle in os.fwalk(top, follow_symlinks=False):
        for name in files:
            facts = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if stat.S_ISREG(facts.st_mode) and facts.st_nlink > 1:
                # Its other names may be another instance's, which would lose it.
                _make_single(name, handle)
            os.chown(name, account.uid or 0, account.gid or 0, dir_fd=handle, follow_symlinks=False)
        os.fchown(handle, account.uid or 0, account.gid or 0)


def _make_single(name: str, handle: int) -> None:
    """Put a copy in the place of one name of a file that has several."""
    partial = f".{uuid.uuid4().hex}.partial"
    source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    copy = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=handle)
    with os.fdopen(source, "rb") as reader, os.fdopen(copy, "wb") as writer:
        facts = os.fstat(reader.fileno())
        shutil.copyfileobj(reader, writer)
        os.fchmod(writer.fileno(), stat.S_IMODE(facts.st_mode))
    os.utime(partial, ns=(facts.st_atime_ns, facts.st_mtime_ns), dir_fd=handle)
    os.rename(partial, name, src_dir_fd=handle, dst_dir_fd=handle)


def lend_set(source: Layout, backup_id: str, borrower: Account) -> tuple[int, ...]:
    """Let a run of another instance read one set of `source`; return the groups that this run gets for it (none where
    both have one account)."""
    directory = source.backup_set(backup_id)
    if borrower.uid is None or not directory.is_dir():
        return ()
    owner = read_owner(source.path("backups"))
    if owner.uid == borrower.uid or owner.gid is None:
        return ()
    source.path("backups").chmod(0o710)
    for _directory, _names, files, handle in os.fwalk(directory, follow_symlinks=False):
        _open_to_group(handle, owner, right=0o050)
        for name in files:
            with contextlib.suppress(OSError):  # a link, or gone meanwhile: the run says what it lacks
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
                with os.fdopen(file, "rb"):
                    _open_to_group(file, owner, right=0o040)
    return (owner.gid,)


def _open_to_group(handle: int, owner: Account, *, right: int) -> None:
    facts = os.fstat(handle)
    if facts.st_uid == owner.uid and (stat.S_ISDIR(facts.st_mode) or facts.st_nlink == 1):
        os.fchmod(handle, stat.S_IMODE(facts.st_mode) | right)


def list_sharing(root: Path) -> dict[int, list[str]]:
    """Return the accounts (numbers) that run more than one instance below `root`, with the instances' identifiers."""
    owners: dict[int, list[str]] = {}
    for identifier in list_identifiers(root):
        with contextlib.suppress(OSError):
            owner = Layout(root=root, identifier=identifier).path("secrets").stat().st_uid
            owners.setdefault(owner, []).append(identifier)
    return {owner: identifiers for owner, identifiers in owners.items() if len(identifiers) > 1}
