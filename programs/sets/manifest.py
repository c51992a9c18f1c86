"""manifest.json: what a set holds. The document's shape and its strict reading."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

from programs.run.data_sets import CLASSES
from programs.run.durable import open_plain
from programs.run.environment import BACKUP_ID, CODECS, DATABASE_NAME, LABEL, MODES, SCOPES
from programs.run.failures import ProgramError
from programs.run.streams import Measures
from programs.run.strict_json import StrictJsonError, decode, parse_json

FORMAT = 2
# 1: without checksums of tables, classes and indexes of trees. Some sets of 2 have checksums alone.
FORMATS = (1, 2)
NAME = "manifest.json"
MAX_BYTES = 64 * 1024 * 1024
EXTENSIONS = {"gzip": "gz", "zstd": "zst"}
CONTENTS = {"database": "sql", "tree": "tar", "index": "index"}
# Trees that do not say where they were, and the field of `site` that does.
UNNAMED_ROOTS = {"sites": "files_dir", "private": "private_dir"}
STATE_NAME = "instance.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CreatedBy:
    """The program that made the set."""

    program: str
    version: str


@dataclass(frozen=True)
class Server:
    """The database server and the client that read it."""

    vendor: str
    version: str
    client_version: str
    lower_case_table_names: int


@dataclass(frozen=True)
class Versions:
    """Versions of the applications; None: not found in the data."""

    civicrm: str | None
    drupal: str | None


@dataclass(frozen=True)
class Site:
    """Where the instance lived; `host` None: not known to the program. Trees that do not say where they were
    (UNNAMED_ROOTS) have their directories here."""

    host: str | None
    files_dir: str | None = None
    private_dir: str | None = None


@dataclass(frozen=True)
class Table:
    """`rows` are those written in the dump, hence those of the snapshot; `checksum` is that of their values, None where
    the server could not tell it (programs.databases.snapshot)."""

    engine: str
    rows: int
    checksum: str | None = None


@dataclass(frozen=True)
class Database:
    """Objects of one database; a hash is the sha256 of the normalised body. `data_class` and `loss` as in `Tree`."""

    character_set: str
    collation: str
    tables: dict[str, Table]
    views: dict[str, str]
    triggers: dict[str, str]
    routines: dict[str, str]
    events: dict[str, str]
    sequences: dict[str, str]
    definers: list[str]
    data_class: str | None = None
    loss: str | None = None


@dataclass(frozen=True)
class Tree:
    """One file tree; `bytes` are those of its files, `tar_exit` 1 means some changed meanwhile.

    `root`: where it was. `data_class`: what the instance is without it (programs.run.data_sets), `loss`: the same in a
    sentence. `left_out`: pattern below the root to the reason why what it names is not in the set. None: the set is
    of before these were told."""

    members: int
    files: int
    directories: int
    symlinks: int
    bytes: int
    tar_exit: int
    changed_members: list[str]
    root: str | None = None
    data_class: str | None = None
    loss: str | None = None
    left_out: dict[str, str] | None = None


@dataclass(frozen=True)
class Artifact:
    """One file of the set. `kind`: database, tree, index (of a tree) or state. `database` or `tree` says which one it
    holds; both None: the desired state."""

    name: str
    kind: str
    database: str | None
    tree: str | None
    stored_bytes: int
    stored_sha256: str
    plain_bytes: int
    plain_sha256: str


@dataclass(frozen=True)
class Consistency:
    """When each part was read (UTC, ISO), and what that promises. None: the part is not in the set."""

    database_snapshot_at: str | None
    files_started_at: str | None
    files_ended_at: str | None
    statement: str


@dataclass(frozen=True)
class Signature:
    """HMAC over the canonical JSON of everything else."""

    algorithm: str
    key_id: str
    value: str


@dataclass(frozen=True)
class Manifest:
    """The whole document. `server` None: scope files. `signature` None only before signing."""

    format: int
    backup_id: str
    tenant: str
    instance: str
    scope: str
    mode: str
    codec: str
    created_by: CreatedBy
    started_at: str
    ended_at: str
    server: Server | None
    versions: Versions
    site: Site
    databases: dict[str, Database]
    trees: dict[str, Tree]
    artifacts: list[Artifact]
    consistency: Consistency
    warnings: list[str]
    signature: Signature | None

    def get_root(self, tree: str) -> str:
        """Where a tree was."""
        return self.trees[tree].root or str(getattr(self.site, UNNAMED_ROOTS[tree]))

    def find_index(self, tree: str) -> Artifact | None:
        """The artifact with the index of a tree; None in a set of before there was one."""
        found = (item for item in self.artifacts if item.kind == "index" and item.tree == tree)
        return next(found, None)


def make_manifest_error(message: str) -> ProgramError:
    """The error of a manifest that cannot be trusted or read."""
    return ProgramError("manifest_invalid", f"{NAME}: {message}", hint="this set is not usable; choose another")


def make_artifact_name(part: str, *, kind: str, codec: str) -> str:
    """File name in the set of a database, a tree or its index: civicrm.sql.gz, sites.tar.zst, sites.index.zst."""
    return f"{part}.{CONTENTS[kind]}.{EXTENSIONS[codec]}"


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest strictly. Raise ProgramError manifest_invalid, or format_unknown. The signature is not
    checked here: see `check_signature`."""
    try:
        document = parse_json(data)
        known = document.get("format") if isinstance(document, dict) else None
        if type(known) is int and known not in FORMATS:
            message = f"format {known} is not known to this program (it knows {', '.join(map(str, FORMATS))})"
            hint = "use the version of the program that made the set"
            raise ProgramError("format_unknown", message, hint=hint)
        manifest: Manifest = decode(Manifest, document, where="manifest")
    except StrictJsonError as error:
        raise make_manifest_error(str(error)) from error
    _check_values(manifest)
    return manifest


def _check_values(manifest: Manifest) -> None:
    labels = all(LABEL.fullmatch(name) for name in (manifest.tenant, manifest.instance))
    words = manifest.scope in SCOPES and manifest.mode in MODES and manifest.codec in CODECS
    if not BACKUP_ID.fullmatch(manifest.backup_id) or not labels or not words:
        raise make_manifest_error("backup_id, tenant, instance, scope, mode or codec has a wrong value")
    if not all(map(DATABASE_NAME.fullmatch, manifest.databases)):
        raise make_manifest_error("a database has a name that is not accepted")
    if (manifest.scope != "files") != bool(manifest.databases) or (manifest.server is None) == bool(manifest.databases):
        raise make_manifest_error("the databases are not those of its scope")
    if (manifest.scope != "database") != bool(manifest.trees):
        raise make_manifest_error("the trees are not those of its scope")
    classes = {database.data_class for database in manifest.databases.values()}
    if not classes | {tree.data_class for tree in manifest.trees.values()} <= {None, *CLASSES}:
        raise make_manifest_error("a part has a class that is not known")
    _check_trees(manifest)
    _check_artifacts(manifest)


def _check_trees(manifest: Manifest) -> None:
    """Raise ProgramError unless every tree has a name that can be a file's, and says where it was."""
    if not all(map(LABEL.fullmatch, manifest.trees)):
        raise make_manifest_error("a tree has a name that is not accepted")
    unnamed = {name for name, tree in manifest.trees.items() if tree.root is None}
    if unnamed and (unnamed != set(UNNAMED_ROOTS) or None in (manifest.site.files_dir, manifest.site.private_dir)):
        raise make_manifest_error("a tree does not say where it was")
    if not all(tree.root is None or tree.root.startswith("/") for tree in manifest.trees.values()):
        raise make_manifest_error("a tree was at no absolute path")


def _check_artifacts(manifest: Manifest) -> None:
    """Raise ProgramError unless there is exactly one for each database and each tree; indexes may be there."""
    expected: dict[str, tuple[str, str | None, str | None]] = {}
    for name in manifest.databases:
        expected[make_artifact_name(name, kind="database", codec=manifest.codec)] = ("database", name, None)
    for name in manifest.trees:
        expected[make_artifact_name(name, kind="tree", codec=manifest.codec)] = ("tree", None, name)
        if manifest.find_index(name) is not None:
            expected[make_artifact_name(name, kind="index", codec=manifest.codec)] = ("index", None, name)
    seen = {item.name: (item.kind, item.database, item.tree) for item in manifest.artifacts}
    if len(seen) != len(manifest.artifacts):
        raise make_manifest_error("an artifact is there twice")
    if seen.pop(STATE_NAME, ("state", None, None)) != ("state", None, None) or seen != expected:
        raise make_manifest_error("the artifacts are not those of its databases and trees")
    if manifest.format == 1 and any(item.kind == "index" for item in manifest.artifacts):
        raise make_manifest_error("format 1 has no indexes")
    for item in manifest.artifacts:
        if not _SHA256.fullmatch(item.stored_sha256) or not _SHA256.fullmatch(item.plain_sha256):
            raise make_manifest_error(f"{item.name}: a sha256 has a wrong value")


def read_manifest_bytes(set_dir: Path) -> bytes:
    """The bytes of the set's manifest. Raise ProgramError manifest_missing: then it is not a backup."""
    try:
        with open_plain(set_dir / NAME) as file, io.BufferedReader(file) as buffered:
            data = buffered.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        hint = "the backup did not end; it cannot be restored"
        raise ProgramError("manifest_missing", f"no {NAME} in this directory", hint=hint) from error
    except OSError as error:
        raise make_manifest_error("not a plain file, or it cannot be read") from error
    if len(data) > MAX_BYTES:
        raise make_manifest_error("too large")
    return data


def get_measures(artifact: Artifact) -> Measures:
    """The measures that the manifest gives for an artifact."""
    return Measures(artifact.stored_bytes, artifact.stored_sha256, artifact.plain_bytes, artifact.plain_sha256)
