"""deploy/monitoring: the rules fire when they should, and ask for what /metrics has; a real Prometheus takes them."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from domain.states import InstanceState
from operations.pulse import CLOCK, WORKER_PREFIX, record_pulse
from tests.gates.source import ROOT
from tests.packaged import find_program
from tests.rows import make_instance_row
from tests.servers import find_free_port
from watch.metrics.page import RowCollector
from watch.metrics.requests import REGISTRY

FOLDER = ROOT / "deploy" / "monitoring"
TOKEN = "geheim-4711"
SECONDS = 240.0
METRIC = re.compile(r"\b(civiparoisse_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"')
GROUPING = re.compile(r"\b(?:by|on|without|ignoring) \(([^)]*)\)")


def list_rules() -> list[dict[str, Any]]:
    """Every alert of the rules."""
    groups = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def list_panels() -> list[dict[str, Any]]:
    """Every panel of the dashboard."""
    panels: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return panels


def list_questions() -> list[str]:
    """Every expression of the rules and of the dashboard."""
    asked = [target["expr"] for panel in list_panels() for target in panel["targets"]]
    return [rule["expr"] for rule in list_rules()] + asked


def read_labels() -> dict[str, set[str]]:
    """What /metrics tells: each series' name with its labels."""
    families = [*RowCollector(now=timezone.now()).collect(), *REGISTRY.collect()]
    told: dict[str, set[str]] = {}
    for family in families:
        labels = set(getattr(family, "_labelnames", ())) or {name for one in family.samples for name in one.labels}
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        told |= {family.name + suffix: labels | ({"le"} if suffix == "_bucket" else set()) for suffix in suffixes}
    # Counted, not made of rows: they have their labels once something was answered.
    told["civiparoisse_http_requests_total"] = {"method", "view", "status"}
    return told


@pytest.mark.parametrize("arguments", [("check", "rules", "rules.yaml"), ("test", "rules", "rules_test.yaml")])
def test_promtool_takes_the_rules_and_each_fires_as_told(arguments: tuple[str, ...]) -> None:
    promtool = find_program("prometheus", "promtool")
    done = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_shown_to_fire_and_not_to_fire() -> None:
    tests = yaml.safe_load((FOLDER / "rules_test.yaml").read_text())["tests"]
    shown = {(case["alertname"], bool(case["exp_alerts"])) for one in tests for case in one["alert_rule_test"]}
    assert {name for name, _fires in shown} == {rule["alert"] for rule in list_rules()}
    assert {(rule["alert"], fires) for rule in list_rules() for fires in (True, False)} == shown


@pytest.mark.django_db
@pytest.mark.parametrize("question", list_questions())
def test_what_is_asked_for_is_told(question: str) -> None:
    told = read_labels()
    named = METRIC.findall(question)
    assert named or "up{" in question
    assert {name for name, _matchers in named} <= set(told)
    labels = set().union(*(told[name] for name, _matchers in named)) if named else {"job"}
    for name, matchers in named:
        assert set(MATCHER.findall(matchers)) <= told[name], name
    for names in GROUPING.findall(question):
        assert {name.strip() for name in names.split(",") if name.strip()} <= labels


def test_each_alert_says_what_is_wrong_how_bad_and_what_to_do() -> None:
    for rule in list_rules():
        assert rule["labels"]["severity"] in ("warning", "critical") and rule["for"]
        assert rule["annotations"]["summary"] and rule["annotations"]["description"].endswith(".")


def test_the_dashboard_is_whole() -> None:
    panels = list_panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert panel["title"] and panel["targets"] and place["x"] + place["w"] <= 24
    taken = [(x, y) for p in (panel["gridPos"] for panel in panels) for x in range(p["x"], p["x"] + p["w"])
             for y in range(p["y"], p["y"] + p["h"])]  # fmt: skip
    assert len(taken) == len(set(taken)), "panels lie on each other"


def test_alertmanager_takes_the_example(tmp_path: Path) -> None:
    amtool = find_program("prometheus-alertmanager", "amtool")
    command = [amtool, "check-config", str(FOLDER / "alertmanager.yaml")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0 and "1 receivers" in done.stdout, done.stdout + done.stderr


class Watching:
    """A real Prometheus, with the files of deploy/monitoring, that looks at one address."""

    def __init__(self, port: int, log: Path) -> None:
        self.address, self.log = f"http://127.0.0.1:{port}/api/v1/", log

    def ask(self, path: str, **arguments: str) -> Any:
        """Return what its API answers; None while it does not."""
        query = urllib.parse.urlencode(arguments)
        try:
            with urllib.request.urlopen(f"{self.address}{path}?{query}", timeout=180) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None  # it is starting
            raise AssertionError(f"{arguments}: {error.read().decode()}") from error
        except OSError:
            return None

    def wait_for(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until it is so."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}\n{self.log.read_text()[-2000:]}"
            time.sleep(0.2)

    def list_firing(self) -> set[str]:
        """Return the alerts that fire."""
        return {alert["labels"]["alertname"] for alert in self.list_alerts()}

    def list_alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that fire, whole."""
        alerts = (self.ask("alerts") or {}).get("alerts", [])
        return [alert for alert in alerts if alert["state"] == "firing"]


@pytest.fixture
def watching(live_server: Any, settings: Any, tmp_path: Path) -> Iterator[Watching]:
    """The Prometheus; it looks every five seconds, and what lasts is told at once."""
    settings.METRICS_TOKEN = TOKEN
    options: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    # A scrape has as long as there is between two: on a busy machine a second is too little.
    options["global"] = {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "1s"}
    del options["alerting"]
    options["scrape_configs"][0]["static_configs"] = [{"targets": [urllib.parse.urlsplit(live_server.url).netloc]}]
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(options))
    (tmp_path / "metrics_token").write_text(TOKEN)
    (tmp_path / "rules.yaml").write_text(re.sub(r"for: \w+", "for: 0s", (FOLDER / "rules.yaml").read_text()))
    port, log = find_free_port(), tmp_path / "log"
    listen = f"--web.listen-address=127.0.0.1:{port}"
    command = [find_program("prometheus", "prometheus"), "--config.file=prometheus.yaml", listen]
    with log.open("w") as stream, subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream) as process:
        try:
            yield Watching(port, log)
        finally:
            process.kill()


@pytest.mark.django_db(transaction=True)
def test_a_real_prometheus_scrapes_fires_and_lets_go(watching: Watching) -> None:
    make_instance_row("saint-paul", state=InstanceState.FAILED)
    begun = {"CiviparoisseNoWorker", "CiviparoisseClockSilent", "CiviparoisseInstanceFailed"}
    watching.wait_for(lambda: begun <= watching.list_firing(), "all three are told")
    labels = [alert["labels"] for alert in watching.list_alerts()]
    (failed,) = [one for one in labels if one["alertname"] == "CiviparoisseInstanceFailed"]
    assert (failed["tenant"], failed["instance"]) == ("saint-paul", "saint-paul")
    assert "CiviparoisseManagerDown" not in watching.list_firing()
    rules = [rule for group in watching.ask("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == len(list_rules())
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
    for panel in list_panels():
        for target in panel["targets"]:
            watching.ask("query", query=target["expr"].replace("$tenant", ".*"))
    record_pulse(CLOCK, now=timezone.now())
    record_pulse(f"{WORKER_PREFIX}here 1", now=timezone.now())
    gone = {"CiviparoisseNoWorker", "CiviparoisseClockSilent"}
    watching.wait_for(lambda: not gone & watching.list_firing(), "both are told no more")
