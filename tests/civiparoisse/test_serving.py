"""The wheel, installed outside the checkout, is the whole product: it is set up, serves, and ends when it is asked."""

import re
import shutil
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from civiparoisse.serving import ensure_static_files
from civiparoisse.version import VERSION
from engine.local.processes import find_processes, kill_all
from manifests.blueprints import TEMPLATES
from tests.fleet import wait_until
from tests.gates.source import ROOT
from tests.installed import Installed
from tests.servers import find_free_port

# One installation for all of them.
pytestmark = pytest.mark.xdist_group("installed")


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """The installed manager, set up."""
    manager = Installed()
    try:
        said = manager.run("setup")
        assert str(manager.state) in said
        yield manager
    finally:
        manager.kill_all()
        kill_all(lambda: find_processes(str(manager.state)), "services")
        shutil.rmtree(manager.place, ignore_errors=True)


def ask(port: int, path: str) -> tuple[int, str]:
    """Return the status and the text of a page; 0 when nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Language": "fr"})
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_what_is_no_module_is_in_the_wheel(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {f"manifests/k8s_templates/{path.relative_to(TEMPLATES)}" for path in TEMPLATES.rglob("*.yaml")}
    wanted |= {f"civiparoisse/{path.relative_to(ROOT)}" for path in (ROOT / "templates").rglob("*.html")}
    beside = [*ROOT.glob("civiparoisse/static/**/*.*"), *ROOT.glob("standin/**/*.php"), *ROOT.glob("standin/**/*.sql")]
    wanted |= {str(path.relative_to(ROOT)) for path in beside}
    wanted |= {"civiparoisse/locale/fr/LC_MESSAGES/django.mo", "engine/kubernetes/rbac.yaml"}
    assert wanted - names == set()
    assert not any(name.startswith(("tests/", "scripts/", "docs/")) for name in names)


def test_the_installed_package_needs_nothing_of_the_checkout(installed: Installed) -> None:
    assert installed.run("--version").startswith(f"civiparoisse {VERSION} ")
    assert VERSION in installed.wheel.name
    installed.run("check", "--database", "default")
    code = "import api, civiparoisse, domain, engine.kubernetes.permissions as p, manifests.blueprints as m, programs, "
    code += "standin; print(api.__file__, p.RBAC, p.RBAC.is_file(), m.TEMPLATES, any(m.TEMPLATES.rglob('*.yaml')))"
    done = subprocess.run(
        [installed.python, "-c", code], cwd="/", capture_output=True, text=True, timeout=180, check=True
    )
    assert str(ROOT) not in done.stdout and done.stdout.count("True") == 2
    # What the wheel says it needs is what the lock file has.
    subprocess.run([installed.python, "-m", "pip", "check"], capture_output=True, timeout=120, check=True)


def test_web_worker_and_beat_work_and_end_when_asked(installed: Installed) -> None:
    port = find_free_port()
    web = installed.start("serve", "web", "--address", f"127.0.0.1:{port}")
    wait_until(lambda: ask(port, "/livez")[0] == 200, seconds=90, what="pages are served")
    worker, beat = installed.start("serve", "worker"), installed.start("serve", "beat")
    wait_until(lambda: ask(port, "/readyz")[0] == 200, seconds=120, what="all work")
    status, page = ask(port, "/admin/login/")
    assert status == 200 and "Mot de passe" in page
    styles = re.findall(r'href="([^"]+\.css)"', page)
    assert styles and {ask(port, style)[0] for style in styles} == {200}
    for process in (beat, worker, web):
        assert installed.terminate(process) == 0


def test_all_of_it_with_one_command(installed: Installed) -> None:
    port = find_free_port()
    installed.environment["CIVIPAROISSE_WEB_PORT"] = str(port)
    (installed.state / "services" / "port").unlink(missing_ok=True)
    keeper = installed.start("serve", "all")
    wait_until(lambda: "Serving at" in (installed.place / "log").read_text(), seconds=120, what="all work")
    assert ask(port, "/readyz")[0] == 200
    assert installed.terminate(keeper) == 0
    assert find_processes(str(installed.state / "services")) == {}


def test_the_pages_files_are_collected_once_a_version(tmp_path: Path, settings: LazySettings) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    ensure_static_files()
    style = tmp_path / "static" / "civiparoisse" / "admin.css"
    assert style.is_file()
    style.unlink()
    ensure_static_files()
    assert not style.exists(), "this version has done so"
    (tmp_path / "static" / ".version").write_text("0.0.9")
    ensure_static_files()
    assert style.is_file()
