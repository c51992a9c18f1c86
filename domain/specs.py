"""Frozen values handed down from the database to the engines, and what engines answer. No behaviour but checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.backup_terms import BackupTerms
from domain.closed_page import ClosedPage
from domain.room import ObservedRoom
from domain.start_stages import StartStage


class InstanceKind(StrEnum):
    """What an instance is for. Only a production instance sends mail and runs its cron by default."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    VERIFICATION = "verification"


class Component(StrEnum):
    """A part of an instance that can run or be stopped on its own. `cron` means: its schedule is on."""

    DB = "db"
    HTTPD = "httpd"
    CRON = "cron"


ALL_COMPONENTS = frozenset(Component)
DATABASES = ("civicrm", "drupal", "civilog")
DATABASE_USER = "exploitant"
# Containers that a plan sizes (docs/domain.md#sizes; `backup` is ours, the chart has none).
CONTAINERS = ("db", "db_init", "db_router", "httpd", "httpd_init", "cron", "cron_init", "backup")
# Images of a release, by their role in the blueprint; those that a release does not name are the blueprint's.
IMAGE_ROLES = ("db", "router", "init", "update", "httpd", "cron", "wait", "backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Request and limit of one container: CPU in millicores, memory in bytes (Kubernetes' senses)."""

    cpu_request_millicores: int
    cpu_limit_millicores: int
    memory_request_bytes: int
    memory_limit_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefork:
    """Apache's prefork settings, named as in the ConfigMap `config-httpd` (docs/domain.md#configuration)."""

    max_request_workers: int
    server_limit: int
    start_servers: int
    min_spare_servers: int
    max_spare_servers: int
    max_connections_per_child: int
    listen_backlog: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes of an instance. `containers`: by name, as in CONTAINERS."""

    name: str
    containers: Mapping[str, Resources]
    db_volume_bytes: int
    files_volume_bytes: int
    private_volume_bytes: int
    backups_volume_bytes: int
    prefork: Prefork


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A set of images. `images`: component -> image reference; `versions`: product -> version. `blueprint`: the
    folder of templates that makes instances of them, on engines that have templates."""

    name: str
    images: Mapping[str, str]
    versions: Mapping[str, str]
    blueprint: str = "civiparoisse-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """How to reach one mail server. `folder` and `use_ssl` matter for IMAP only."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    use_ssl: bool = True
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parish's parameters as the images' `init` takes them (docs/domain.md#configuration), validated."""

    parish_name: str
    street_number: str
    street: str
    postcode: str
    city: str
    phone: str
    drupal_site_mail: str
    civicrm_domain_mail: str
    civicrm_domain: str
    admin_mail: str
    admin_name: str
    admin_description: str
    mail_domain: str
    bounce_localpart: str
    bounce_return_path: str
    smtp: MailServer | None
    imap: MailServer | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """What must never be shown. Generated once per instance, kept encrypted in our database."""

    db_password: str
    db_root_password: str
    drupal_admin_user: str
    drupal_admin_password: str
    site_key: str
    cred_key: str
    sign_key: str
    hash_salt: str
    manifest_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """All that an engine needs of an instance. `identifier`: also directory, namespace. `tenant`: the parish's slug.
    `components`: what should run now; none when suspended. `mail_enabled`: False on clones, nothing leaves.
    `backups`: how the engine makes those that it starts by itself; `backups_held`: it starts none for now.
    `is_made`: it was provisioned before: what its data lies on is there or lost, and never made again.
    `closed_page`: what visitors get while the web server is not among `components`; None: nothing.
    """

    identifier: str
    tenant: str
    kind: InstanceKind
    host: str
    plan: Plan
    release: Release
    site: Site
    secrets: Secrets = field(repr=False)
    components: frozenset[Component] = ALL_COMPONENTS
    mail_enabled: bool = True
    backups_held: bool = False
    backups: BackupTerms = BackupTerms()
    is_made: bool = False
    closed_page: ClosedPage | None = None


class JobProgram(StrEnum):
    """A program that runs beside an instance's servers, with its volumes mounted."""

    INIT = "init"
    UPDATE = "update"
    CRON = "cron"
    BACKUP = "backup"
    VERIFY = "verify"
    BROWSE = "browse"
    RESTORE = "restore"
    CONSISTENCY = "consistency"
    FIGURES = "figures"
    DISCARD = "discard"
    INSPECT = "inspect"
    SEND = "send"
    RECEIVE = "receive"
    COPY = "copy"
    FETCH = "fetch"
    TOOLS = "tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """One run of a program. `name`: asking twice for one name never runs it twice. `environment`: what the caller
    decides (BACKUP_ID, …); the engine adds places and secrets. `set_of`: the instance whose set of that name is read.
    `deadline_seconds`: killed after that. `secrets`: texts by name, in files of the run."""

    name: str
    program: JobProgram
    environment: Mapping[str, str]
    deadline_seconds: int
    set_of: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class JobPhase(StrEnum):
    """Where one run of a program is. `lost`: it began and ended without a result (killed, node gone)."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """What is known of one run. `result`: the program's own JSON (`ok`, figures, or `error`), None before it has ended
    with one. `progress`: 0-100. `log_tail`: last lines, secrets redacted. `is_hopeless`: it cannot begin."""

    name: str
    phase: JobPhase
    progress: int = 0
    message: str = ""
    result: Mapping[str, Any] | None = None
    log_tail: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_hopeless: bool = False
    stage: StartStage = StartStage.NONE


class ComponentPhase(StrEnum):
    """What an engine sees of a component."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedComponent:
    """`detail`: why it is not ready, or where it runs, in English. `is_hopeless`: waiting will not get it there."""

    phase: ComponentPhase
    detail: str = ""
    stage: StartStage = StartStage.NONE
    is_hopeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens. `socket`: path of its Unix socket, None if there is none."""

    host: str
    port: int
    socket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedInstance:
    """What is really there. `exists`: any trace of its data or processes. `initialised`: init's result was checked
    (docs/traps.md#half-failed-init). `remains`: what a purge would still have to remove, backups excluded; empty proves
    the purge. `url`: the page's address, None while there is none. `limits`: how requests and limits are enforced, in
    English. `missing`: what its data lay on and is there no longer (claims that somebody removed), in English.
    `backup_ids`: the complete sets on its backup volume. `manager`: the mark of the manager that made it, "" where
    nobody else makes instances, None where it bears none. `expiries`: when each certificate that the engine made for it
    expires (ca, db, httpd), in UTC; empty where it has none. `room`: what was last seen of volumes and database."""

    identifier: str
    exists: bool
    initialised: bool = False
    components: Mapping[Component, ObservedComponent] = field(default_factory=dict)
    database: Endpoint | None = None
    url: str | None = None
    limits: str = ""
    remains: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    backup_ids: tuple[str, ...] = ()
    manager: str | None = None
    expiries: Mapping[str, datetime] = field(default_factory=dict)
    room: ObservedRoom | None = None

    def is_running(self, wanted: frozenset[Component]) -> bool:
        """Return whether exactly the components in `wanted` are ready and all others stopped."""
        stopped = ObservedComponent(phase=ComponentPhase.STOPPED)
        return all(
            self.components.get(component, stopped).phase
            is (ComponentPhase.READY if component in wanted else ComponentPhase.STOPPED)
            for component in Component
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """Whether the instance's page answered and showed the parish's name. `detail`: what was seen instead."""

    ok: bool
    seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVisits:
    """When somebody last asked for an instance's page, the manager and the cluster's probes left out; None: nobody did.
    `is_counted` False: the web server's log does not tell."""

    is_counted: bool
    visited_at: datetime | None = None
