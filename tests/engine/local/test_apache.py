"""The configuration says what the plan and docs/domain.md#configuration say; Apache itself accepts it."""

import subprocess
from pathlib import Path

from engine.local.apache import make_apache_command, make_apache_configuration
from engine.local.layout import KEPT_DIRECTORIES, OWNED_DIRECTORIES, Layout
from engine.local.vendor import find_web_programs
from tests.builders import make_spec


def write_configuration(tmp_path: Path) -> tuple[Layout, str]:
    layout = Layout(root=tmp_path, identifier="saint-paul")
    for name in (*KEPT_DIRECTORIES, *OWNED_DIRECTORIES):
        layout.path(name).mkdir(parents=True)
    (tmp_path / "web").mkdir()
    text = make_apache_configuration(make_spec(), layout, 23001, web=tmp_path / "web", programs=find_web_programs())
    (layout.path("config") / "httpd.conf").write_text(text)
    return layout, text


def test_apache_accepts_it(tmp_path: Path) -> None:
    layout, _ = write_configuration(tmp_path)
    command = make_apache_command(layout, find_web_programs())
    answer = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=180, check=False)
    assert "Syntax OK" in answer.stderr, answer.stderr


def test_it_says_what_the_plan_says(tmp_path: Path) -> None:
    _, text = write_configuration(tmp_path)
    lines = text.splitlines()
    for line in (
        "Listen 127.0.0.1:23001",
        "ServerName www.saint-paul.example.org",
        "MaxRequestWorkers 4",
        "ServerLimit 4",
        "StartServers 4",
        "MinSpareServers 1",
        "MaxSpareServers 4",
        "MaxConnectionsPerChild 1",
        "ListenBacklog 1",
        f'php_admin_value memory_limit "{1024 * 1024**2 // 4}"',
    ):
        assert line in lines
    assert "AllowOverride All" not in text
