"""What a job's program finds in its environment, and the command that runs it."""

import json
from collections.abc import Mapping
from pathlib import Path

from domain.cluster import Blueprint
from domain.specs import DATABASE_USER, InstanceSpec, JobProgram, JobSpec
from engine.local.accounts import Account, give, write_file
from engine.local.apache import DISABLED_FUNCTIONS
from engine.local.image import ensure_image, ensure_tool, find_python
from engine.local.layout import Layout, make_layout
from engine.local.ports import LOOPBACK
from engine.local.vendor import find_database_programs, find_web_programs
from manifests.blueprints import load_blueprint
from manifests.data_sets import format_data_sets, format_figures

# Those that stand in for what UEPAL's images bring; the first two start a database server of their own.
STANDIN_SERVERS = (JobProgram.INIT, JobProgram.UPDATE)
STANDINS = (*STANDIN_SERVERS, JobProgram.CRON)
# Of a run: what it was given for itself alone.
SECRETS = "secrets"
# Those that count what people know.
COUNTING = (JobProgram.BACKUP, JobProgram.FIGURES)
# Those that sign a set or read a signed one.
SIGNED = (JobProgram.BACKUP, JobProgram.VERIFY, JobProgram.BROWSE, JobProgram.RESTORE, JobProgram.CONSISTENCY)
VOLUMES = ("db", "files", "private", "backups")
CONTAINERS = {
    JobProgram.INIT: "db_init",
    JobProgram.UPDATE: "db_init",
    JobProgram.CRON: "cron",
    JobProgram.BACKUP: "backup",
    JobProgram.VERIFY: "backup",
    JobProgram.BROWSE: "backup",
    JobProgram.RESTORE: "backup",
    JobProgram.CONSISTENCY: "backup",
    JobProgram.FIGURES: "backup",
    JobProgram.DISCARD: "backup",
    JobProgram.INSPECT: "backup",
    JobProgram.SEND: "backup",
    JobProgram.RECEIVE: "backup",
    JobProgram.COPY: "backup",
    JobProgram.FETCH: "backup",
}


def make_job_command(spec: InstanceSpec, job: JobSpec, *, image: Path) -> list[str]:
    """Return the command line of a program. It holds no secret and nothing a person typed."""
    if job.program is JobProgram.CRON:
        memory = spec.plan.containers["cron"].memory_limit_bytes
        settings = (f"memory_limit={memory}", f"disable_functions={','.join(DISABLED_FUNCTIONS)}")
        given = [word for setting in settings for word in ("-d", setting)]
        return [find_web_programs().php, *given, f"{image}/standin/cron.php"]
    package = "standin" if job.program in STANDINS else "programs"
    return [find_python(), "-P", "-s", "-B", "-m", f"{package}.{job.program.value}"]


def ensure_job_image(root: Path, program: JobProgram) -> Path:
    """Return the directory that holds the program's package."""
    return ensure_image(root, "standin" if program in STANDINS else "programs")


def make_job_environment(
    spec: InstanceSpec, job: JobSpec, layout: Layout, *, port: int, image: Path, account: Account
) -> dict[str, str]:
    """Return the caller's variables with the places and the paths of the secrets; the engine's own win."""
    directory, blueprint = layout.job(job.name), load_blueprint(spec.release.blueprint)
    work = directory / "work"
    environment = {
        "EXPECTED_TENANT": spec.tenant,
        **job.environment,
        "PYTHONPATH": str(image),
        "HOME": str(work),
        "TMPDIR": str(work),
        "TENANT": spec.tenant,
        "INSTANCE": spec.identifier,
        "SITE_HOST": spec.host,
        "FILES_DIR": str(layout.path("files")),
        "PRIVATE_DIR": str(layout.path("private")),
        "BACKUPS_DIR": str(layout.path("backups")),
        "DB_HOST": LOOPBACK,
        "DB_PORT": str(port),
        "DB_USER": DATABASE_USER,
        "DB_PASSWORD_FILE": str(layout.secret("db_password")),
        "DATABASES": " ".join(blueprint.data.databases),
        "WORK_DIR": str(work),
        "RESULT_FILE": str(directory / "result.json"),
        "DESIRED_STATE_FILE": str(layout.state),
        "MAIL_ENABLED": "1" if spec.mail_enabled else "0",
    }
    if job.program in STANDIN_SERVERS:
        environment |= _make_init_environment(spec, layout)
    if job.program is JobProgram.RESTORE:
        environment |= _name_administrator(layout)
    if job.program in (JobProgram.COPY, JobProgram.FETCH):
        environment["RCLONE"] = ensure_tool(layout.root, "rclone")
    secrets = dict(job.secrets)
    environment |= _declare_data(job.program, blueprint, layout)
    if job.program in SIGNED:
        environment["MANIFEST_KEY_FILE"] = str(layout.secret("manifest_key"))
        secrets |= _read_lent_key(layout, job)
    environment |= _write_secrets(directory / SECRETS, secrets, account)
    if job.program is JobProgram.INSPECT:
        environment["VOLUMES"] = json.dumps({name: str(layout.path(name)) for name in VOLUMES})
    if job.set_of is not None:
        source = make_layout(layout.root, job.set_of)
        environment["SET_DIR"] = str(source.backup_set(job.environment["BACKUP_ID"]))
    state = json.dumps({"job": job.name, "program": job.program.value, "environment": dict(job.environment)})
    write_file(directory / "spec.json", state, account, mode=0o640)
    return environment


def _declare_data(program: JobProgram, blueprint: Blueprint, layout: Layout) -> dict[str, str]:
    """Return what the program is told of the instance's data, and of what is counted in it."""
    places = {tree.volume: str(layout.path(tree.volume)) for tree in blueprint.data.trees.values()}
    declared = {"DATA_SETS": format_data_sets(blueprint, places)} if program in (*SIGNED, *COUNTING) else {}
    return declared | ({"FIGURES": format_figures(blueprint)} if program in COUNTING else {})


def _name_administrator(layout: Layout) -> dict[str, str]:
    """Return how a restore signs in as root: by the server's own socket, since from anywhere else none is let in."""
    password = str(layout.secret("db_root_password"))
    return {"DB_ADMIN_SOCKET": str(layout.socket), "DB_ADMIN_PASSWORD_FILE": password}


def _write_secrets(directory: Path, secrets: Mapping[str, str], account: Account) -> dict[str, str]:
    """Write what the run alone may read; return the variables that name the files. They go when it has ended."""
    if not secrets:
        return {}
    directory.mkdir(mode=0o700, exist_ok=True)
    give(directory, account, mode=0o700)
    for name, text in secrets.items():
        write_file(directory / name, text, account, mode=0o400, owned=True)
    return {f"{name}_FILE": str(directory / name) for name in secrets}


def _read_lent_key(layout: Layout, job: JobSpec) -> dict[str, str]:
    """Return the key that signed the set where another instance made it and is still there; this run may not read that
    instance's files, so it gets a copy."""
    if job.set_of in (None, layout.identifier):
        return {}
    key = make_layout(layout.root, str(job.set_of)).secret("manifest_key")
    return {"MANIFEST_KEY": key.read_text(encoding="utf-8")} if key.exists() else {}


def _make_init_environment(spec: InstanceSpec, layout: Layout) -> dict[str, str]:
    site, programs = spec.site, find_database_programs()
    parish = {
        "PAROISSE_NAME": site.parish_name,
        "PAROISSE_ADDR": site.street,
        "PAROISSE_CITY": site.city,
        "PAROISSE_PHONE": site.phone,
        "PAROISSE_ZIPCODE": site.postcode,
        "PAROISSE_STREETNUMBER": site.street_number,
        "CIVI_DOMAIN": site.civicrm_domain,
        "MAILADMIN_ADDR": site.admin_mail,
        "MAILADMIN_NAME": site.admin_name,
        "MAILADMIN_DESCR": site.admin_description,
        "MAILSITE_ADDR": site.drupal_site_mail,
        "MAILDOMAIN_ADDR": site.civicrm_domain_mail,
        "MAILDOMAIN": site.mail_domain,
        "BOUNCE_LOCALPART": site.bounce_localpart,
        "BOUNCE_RETURNPATH": site.bounce_return_path,
    }
    names = ("db_password", "db_root_password", "drupal_admin_user", "drupal_admin_password")
    secrets = (*names, "site_key", "cred_key", "sign_key", "hash_salt")
    files = {f"{name.upper()}_FILE": str(layout.secret(name)) for name in secrets}
    places = {
        "DB_DIR": str(layout.path("db")),
        "DB_CONFIGURATION": str(layout.path("config") / "my.cnf"),
        "DB_SERVER": programs.server,
        "DB_CLIENT": programs.client,
        "DB_INSTALL": programs.install or "",
        "INIT_SOCKET": str(layout.path("run") / "in.sock"),
        "CIVICRM_VERSION": spec.release.versions.get("civicrm", ""),
        "DRUPAL_VERSION": spec.release.versions.get("drupal", ""),
    }
    return parish | files | places
