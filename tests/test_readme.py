"""What the README tells people to type is run as it stands, from a clean state, and ends as it should."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from engine.local.servers import stop_all
from operations.registry import list_kinds
from tests.clusters.samples import make_kubeconfig
from tests.gates.source import ROOT
from tests.local_engines import choose_ports
from tests.servers import find_free_port

LINE = re.compile(r"^manage\.py (.+)$", re.MULTILINE)


def list_typed() -> list[list[str]]:
    """Every command line of the README's blocks, its words apart; of a list of names only the first is whole."""
    typed = []
    for line in LINE.findall((ROOT / "README.md").read_text()):
        code = line.split("#")[0]
        typed += [shlex.split(part) for part in re.split(r"\s*manage\.py |\s{3,}", code) if part.strip()]
    return [part for words in typed for part in _split(words)]


def _split(words: list[str]) -> list[list[str]]:
    """Return `a / b X / c` as three lines."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word == "/":
            lines.append([])
        else:
            lines[-1].append(word)
    return lines


@pytest.mark.parametrize("words", list_typed(), ids=" ".join)
def test_a_command_of_the_readme_is_accepted(words: list[str]) -> None:
    name, *arguments = words
    command = load_command_class(get_commands()[name], name)
    if name == "finops_close" or not arguments:
        return  # named only: what it takes is on the pages that the README leads to
    command.create_parser("manage.py", name).parse_args(arguments)


def test_what_destroys_is_shown_with_its_confirmation() -> None:
    destructive = {kind.command for kind in list_kinds() if kind.is_destructive and kind.command}
    shown = [words for words in list_typed() if words[0] in destructive and "--dry-run" not in words]
    optional = {"instance_upgrade", "instance_delete"}  # asked only where something would be lost
    assert [words[0] for words in shown if "--confirm" not in words and words[0] not in optional] == []
    assert any(words[0] == "restore_run" for words in shown)


def test_the_readme_is_read() -> None:
    assert len(list_typed()) > 15


# What each line ends with on a machine where nothing but the README was done: exit code, and a part of what it says.
# 1 and 3 are refusals with what to do first; 2 of the looks is a result: nothing answers at the cluster's address.
# The code depends on the moment.
ANY = -1
ENDS: dict[str, tuple[int, str | tuple[str, ...]]] = {
    "tenant_create": (0, "est enregistrée"),
    "instance_provision": (0, "réussie"),
    "backup_run": (0, "réussie"),
    "backup_list": (0, "bonne"),
    "backup_browse": (0, "rien trouvé"),
    "backup_enlarge": (0, "réussie"),
    # A round of the checks may not have come yet, or have seen what the lines before left.
    "problem_list": (ANY, ("Rien à signaler", "[critique]", "[avertissement]", "Pas examiné")),
    "restore_run": (0, "réussie"),
    "backup_check": (0, "OK saint-paul"),
    "manager_check": (1, "WARNING"),
    "manager_backup": (1, "recovery_key_create"),
    "manager_restore": (1, "docs/disaster.md"),
    "fleet_recover": (0, "rien n’est perdu"),
    # Of a month in which this machine held something: without prices there is no report.
    "finops_report": (ANY, ("tarif", "hors taxes")),
    "finops_capacity": (0, "paroisse"),
    "finops_recommend": (0, "Rien à recommander"),
    "finops_whatif": (0, "€"),
    "finops_close": (2, "il manque les arguments suivants : month"),
    "backup_verify": (0, "bonne"),
    "backup_import": (1, "/mnt/old/backups"),
    "policy_list": (0, "critical"),
    "policy_set": (0, "Conservée"),
    "retention_preview": (0, "Conservée"),
    "backup_prune": (0, "aucune sauvegarde à supprimer"),
    "backup_pin": (0, "épinglée"),
    "operation_list": (0, "cli:"),
    "operation_show": (0, "réussie"),
    "operation_cancel": (1, "déjà terminée"),
    # With --dry-run: what it would be for, and that nothing was written.
    "campaign_create": (0, "Rien"),
    "campaign_list": (0, "campagne"),
    "plan_list": (0, "default"),
    # NAME is there already (RECORDED), OTHER is not.
    "plan_create": (1, "Il y a déjà un plan nommé NAME"),
    "release_create": (1, "Introuvable"),
    "instance_resize": (0, "réussie"),
    "instance_upgrade": (0, "réussie"),
    "cluster_create": (0, "cluster_check"),
    "cluster_check": (2, "ne répond pas"),
    "destination_create": (2, "il manque les arguments suivants : destination"),
    "destination_check": (3, "Introuvable"),
    "copy_list": (0, "Aucune copie"),
    "contact_list": (0, "pas de contacts"),
    "request_list": (0, "pas de telles demandes"),
    "recovery_key_create": (0, "recovery_key_prove"),
    "drift_report": (2, "ne répond pas"),
}
# A second plan and a second release, as an administrator records them on their pages.
RECORDED = """
from tenants.models import Plan, Release
plan, release = Plan.objects.get(is_default=True), Release.objects.get(is_default=True)
containers = list(plan.containers.all())
plan.pk, plan.name, plan.is_default, plan.max_request_workers = None, "NAME", False, plan.max_request_workers + 1
plan.server_limit = max(plan.server_limit, plan.max_request_workers)
plan.save()
for row in containers:
    row.pk, row.plan = None, plan
    row.save()
release.pk, release.name, release.is_default = None, "NAME", False
release.save()
"""


def is_said(wanted: str | tuple[str, ...], said: str) -> bool:
    """Return whether one of the wanted texts is said."""
    texts = (wanted,) if isinstance(wanted, str) else wanted
    return any(text in said.replace("\u00a0", " ") for text in texts)


def run(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=240
    )


@pytest.fixture
def installation() -> Iterator[tuple[Path, dict[str, str]]]:
    """A new installation whose services run: where its state is, and its environment."""
    state = Path(tempfile.mkdtemp(prefix="cpr-", dir="/tmp"))
    state.chmod(0o755)
    ports = choose_ports()
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    environment = kept | {
        "CIVIPAROISSE_STATE_DIR": str(state),
        "CIVIPAROISSE_WEB_PORT": str(find_free_port()),
        "CIVIPAROISSE_LOCAL_FIRST_PORT": str(ports.start),
        "CIVIPAROISSE_LOCAL_LAST_PORT": str(ports.stop - 1),
        "CIVIPAROISSE_SWEEP_SECONDS": "1",
        "CIVIPAROISSE_DISK_WARNING_MEBIBYTES": "0",
        "CIVIPAROISSE_NIGHTLY_BACKUPS": "0",
        "PYTHONPATH": str(ROOT),
    }
    try:
        run(environment, "-m", "civiparoisse.keys")
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        run(environment, "scripts/services.py", "start")
        run(environment, "manage.py", "shell", "--command", RECORDED)
        yield state, environment
    finally:
        run(environment, "scripts/services.py", "stop")
        stop_all(state / "local")
        shutil.rmtree(state)


class Typist:
    """Somebody who types the README's lines one after the other, and puts in what the answers gave."""

    def __init__(self, state: Path, process: "subprocess.Popen[str]") -> None:
        self.state, self.process = state, process
        self.given: dict[str, str] = {}

    def type(self, *words: str) -> dict[str, Any]:
        """Return how a line ended."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([self.given.get(word, word) for word in words]) + "\n")
        self.process.stdin.flush()
        ended: dict[str, Any] = json.loads(self.process.stdout.readline())
        return ended

    def note(self) -> None:
        """Keep the identifiers of the newest backup and operation."""
        self.given["ID"] = json.loads(self.type("backup_list", "--json")["said"])["backups"][0]["id"]
        self.given["OP"] = json.loads(self.type("operation_list", "--json")["said"])["operations"][0]["id"]
        self.given["DIRECTORY"] = str(self.state / "local/instances/saint-paul/backups" / self.given["ID"])


def test_every_command_of_the_readme_ends_as_it_should_on_a_new_machine(
    installation: tuple[Path, dict[str, str]],
) -> None:
    state, environment = installation
    shutil.copy(ROOT / "demo" / "saint-paul.yaml", state / "parish.yaml")
    (state / "PATH").write_text(make_kubeconfig(server="https://127.0.0.1:9"))
    wrong = []
    command = [sys.executable, "-m", "tests.typed_commands"]
    with subprocess.Popen(
        command, cwd=state, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        typist = Typist(state, process)
        for words in list_typed():
            code, said = ENDS[words[0]]
            # Names are in small letters where they are for ever.
            typed = [
                word.lower() if word == "NAME" and words[0].startswith(("cluster", "dest")) else word for word in words
            ]
            ended = typist.type(*typed)
            if code not in (ended["code"], ANY) or not is_said(said, ended["said"]):
                wrong.append((words, ended))
            if words[0] == "backup_run":
                typist.note()
        assert process.stdin is not None
        process.stdin.close()
    assert not wrong, "\n".join(f"{words}: {ended}" for words, ended in wrong)


def test_the_end_of_every_command_of_the_readme_is_told_here() -> None:
    assert {words[0] for words in list_typed()} == set(ENDS)
