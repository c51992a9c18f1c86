"""What `civiparoisse install` makes, with systemd's own tools: accounts, sound and closed units, nothing lost."""

import stat
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from civiparoisse.machine import SERVICES, SETTINGS, STATE, check_program, install, make_files, place, uninstall
from domain.errors import CiviparoisseError
from tests.gates.source import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of a machine that is being made."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tmp_path / "etc" / "group").write_text("root:x:0:\n")
    return tmp_path


def list_files(root: Path) -> dict[str, bytes]:
    """Return the files below `root` with what they hold."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_an_installation_has_its_account_its_places_and_their_modes(root: Path) -> None:
    said: list[str] = []
    install(Path("/opt/civiparoisse/bin/civiparoisse"), root=root, say=said.append)
    (line,) = [line for line in (root / "etc/passwd").read_text().splitlines() if line.startswith("civiparoisse:")]
    _, _, account, group, _, home, shell = line.split(":")
    assert home == str(STATE) and shell.endswith("nologin") and 0 < int(account) < 1000
    facts = place(root, STATE).stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (int(account), int(group), 0o750)
    facts = place(root, SETTINGS).stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, int(group), 0o640)
    for file in make_files(Path("/opt/civiparoisse/bin/civiparoisse")):
        facts = place(root, file.path).stat()
        assert (facts.st_uid, stat.S_IMODE(facts.st_mode)) == (0, file.mode), file.path
        assert any(str(file.path) in line for line in said)


def test_it_may_be_repeated_and_keeps_what_people_changed(root: Path) -> None:
    install(Path("/opt/old/bin/civiparoisse"), root=root, say=lambda _: None)
    place(root, SETTINGS).write_text("CIVIPAROISSE_DATABASE=mysql\n")
    (place(root, STATE) / "manager.sqlite3").write_bytes(b"rows")
    install(Path("/opt/new/bin/civiparoisse"), root=root, say=lambda _: None)
    assert place(root, SETTINGS).read_text() == "CIVIPAROISSE_DATABASE=mysql\n"
    assert (place(root, STATE) / "manager.sqlite3").read_bytes() == b"rows"
    units = [text.decode() for name, text in list_files(root).items() if name.endswith(".service")]
    assert len(units) == 3 and all("/opt/new/bin/civiparoisse serve" in text for text in units)
    assert not any(name.endswith(".partial") for name in list_files(root))


def test_uninstalled_the_data_the_settings_and_the_account_stay(root: Path) -> None:
    install(Path("/opt/civiparoisse/bin/civiparoisse"), root=root, say=lambda _: None)
    (place(root, STATE) / "keys").mkdir()
    (place(root, STATE) / "keys" / "field_keys").write_text("k1:secret")
    uninstall(root=root, say=lambda _: None)
    left = set(list_files(root))
    assert {"var/lib/civiparoisse/keys/field_keys", "etc/civiparoisse/civiparoisse.env"} <= left
    assert not any("systemd" in name or "local/bin" in name for name in left)
    assert "civiparoisse:" in (root / "etc/passwd").read_text()
    uninstall(root=root, say=lambda _: None)
    assert set(list_files(root)) == left


def test_systemd_finds_the_units_sound_and_closed(tmp_path: Path) -> None:
    paths = []
    for file in make_files(Path("/bin/true")):
        if file.path.suffix in (".service", ".target"):
            paths.append(tmp_path / file.path.name)
            paths[-1].write_text(file.content)
    done = subprocess.run(
        ["systemd-analyze", "verify", *paths], capture_output=True, text=True, timeout=180, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    for name in SERVICES:
        unit = tmp_path / f"civiparoisse-{name}.service"
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", str(unit)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stdout[-300:]


def test_a_program_that_the_account_cannot_reach_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    hidden = tmp_path / "bin" / "civiparoisse"
    hidden.parent.mkdir()
    hidden.touch(0o755)
    for program in (hidden, Path("/usr/bin/no-such-program")):
        with pytest.raises(CiviparoisseError) as refusal:
            check_program(program)
        assert refusal.value.code == "install_unreachable"
    check_program(Path("/usr/bin/env"))


def test_the_command_has_the_state_and_the_settings_of_the_installation(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "settings").write_text('CIVIPAROISSE_DATABASE=mysql\nCIVIPAROISSE_MAIL_FROM="a b"\n')
    (file,) = [file for file in make_files(Path("/usr/bin/env")) if file.path.parent.name == "bin"]
    me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    text = file.content.replace(str(STATE), str(tmp_path / "state")).replace(str(SETTINGS), str(tmp_path / "settings"))
    text = text.replace("!= civiparoisse", f"!= {me}").replace("runuser -u civiparoisse --", "exec")
    text = text.replace("exec exec", "exec")
    done = subprocess.run(["sh", "-c", text, "civiparoisse"], capture_output=True, text=True, timeout=180, check=True)
    wanted = {
        f"CIVIPAROISSE_STATE_DIR={tmp_path / 'state'}",
        "CIVIPAROISSE_DATABASE=mysql",
        "CIVIPAROISSE_MAIL_FROM=a b",
    }
    assert wanted <= set(done.stdout.splitlines())


def list_typed() -> list[list[str]]:
    """Every command of the manager in docs/install.md, its words apart."""
    lines = [
        line for block in (ROOT / "docs" / "install.md").read_text().split("```")[1::2] for line in block.splitlines()
    ]
    words = [line.removeprefix("/opt/civiparoisse/bin/").split() for line in lines]
    return [line[1:] for line in words if line[:1] == ["civiparoisse"]]


@pytest.mark.parametrize("words", list_typed(), ids=" ".join)
def test_a_command_of_the_installation_is_accepted(words: list[str]) -> None:
    command = load_command_class(get_commands()[words[0]], words[0])
    command.create_parser("civiparoisse", words[0]).parse_args(words[1:])
