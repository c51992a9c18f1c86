"""One instance applied by the manager against `helm install` of a chart, in turn on one control plane without a node:
`tests/cluster/cluster run .venv/bin/python -m bench.helm --helm PROGRAM --chart DIRECTORY`.

[--rounds 15]

The program is built of its Go module (`go install helm.sh/helm/v3/cmd/helm@v3.19.4`); the chart is UEPAL's own, with
without its demonstration mail server, and with the group of its Traefik objects written traefik.io, the only one that
Traefik 3 has. Its namespace and the Secret that it wants there are made before the clock runs. Goal: a quarter of its
time, with more objects: the chart knows no quota, no network policies, no backup.
"""

import argparse
import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.kubernetes import count_objects, make_engine, say
from tests.builders import make_spec
from tests.cluster.control import SCRIPT, Cluster, find_cluster

SECONDS = 120
MAIL = {
    "deployMailserver": "0",
    "maildomain": "example.org",
    "bounceLocalpart": "bounce",
    "bounceReturnpath": "bounce@example.org",
    "imapServer": "imap.example.org",
    "imapPort": "993",
    "imapIsSSL": "1",
    "imapInboxFolder": "INBOX",
    "smtpServer": "smtp.example.org",
    "smtpPort": "587",
}
ACCOUNTS = ("imapUsername", "imapPassword", "smtpUsername", "smtpPassword")


def define_kinds(cluster: Cluster) -> None:
    """Give the control plane the definitions of Traefik's objects, which the chart uses."""
    folder = subprocess.run([SCRIPT, "definitions"], capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    files = [option for file in sorted(Path(folder.strip()).iterdir()) for option in ("-f", str(file))]
    cluster.kubectl("apply", "--server-side", *files)
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")


def prepare(cluster: Cluster, name: str) -> None:
    """Make what the chart wants to find: its namespace, and the mail accounts in a Secret."""
    cluster.kubectl("create", "namespace", name)
    texts = [f"--from-literal={account}=x" for account in ACCOUNTS]
    cluster.kubectl("create", "secret", "generic", "mailsecret", *texts, namespace=name)


def install(cluster: Cluster, program: str, chart: str, name: str) -> None:
    """Install the chart once, into a namespace of its own."""
    values = [option for key, value in MAIL.items() for option in ("--set-string", f"mail.{key}={value}")]
    place = ["--namespace", name, "--kubeconfig", str(cluster.kubeconfig_path)]
    command = [program, "install", name, chart, *place, *values]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise SystemExit(f"helm: {done.stderr}")


def measure(work: Callable[[], object]) -> float:
    """Return how many seconds the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def run(*, program: str, chart: str, rounds: int) -> None:
    """Run the benchmark: each in turn, so that the machine's load meets both alike."""
    cluster, engine = find_cluster(), make_engine()
    define_kinds(cluster)
    ours, theirs = [], []
    for number in range(rounds + 1):
        spec = make_spec(f"applied-{number:03}")
        name = f"installed-{number:03}"
        applied = measure(partial(engine.apply, spec))
        prepare(cluster, name)
        installed = measure(partial(install, cluster, program, chart, name))
        if number:  # the first round warms both
            ours.append(applied)
            theirs.append(installed)
    manifest = subprocess.run(
        [program, "get", "manifest", name, "--namespace", name, "--kubeconfig", str(cluster.kubeconfig_path)],
        capture_output=True, text=True, timeout=SECONDS, check=True,
    ).stdout  # fmt: skip
    mine, other = statistics.median(ours), statistics.median(theirs)
    say(f"one instance, {rounds} rounds in turn, medians")
    say(f"  baseline: helm install, {manifest.count('kind: ')} objects: {other * 1000:.0f} ms")
    say(f"  apply, {count_objects(spec)} objects: {mine * 1000:.0f} ms; {mine / other:.2f} of the baseline")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--helm", required=True, help="the program")
    parser.add_argument("--chart", required=True, help="the chart's folder")
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    run(program=asked.helm, chart=asked.chart, rounds=asked.rounds)


if __name__ == "__main__":
    main()
