"""Body of a test that runs as an ordinary user: provision, look, purge. Imported as root, when the suite is root's."""

import codecs
import os
import pwd
import shutil
import sys
from pathlib import Path

from engine.local import image, launcher
from engine.local.engine import LocalEngine
from engine.local.servers import stop_all
from tests.builders import make_spec
from tests.local_engines import choose_ports, provision


def become_ordinary(root: Path) -> None:
    """Copy what the account must read, since the checkout may lie in a closed home, then become nobody for good."""
    sources = root / "sources"
    for package in image.PACKAGES:
        shutil.copytree(image.SOURCES / package, sources / package)
    shutil.copy(launcher.__file__, sources / "launcher.py")
    image.SOURCES = sources
    launcher.__file__ = str(sources / "launcher.py")
    sys.executable = image.SYSTEM_PYTHON
    # Python loads codecs when they are first asked for, perhaps from a closed home.
    for name in ("ascii", "utf-8", "idna", "latin-1"):
        codecs.lookup(name)
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
    os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)


def main() -> None:
    """Run the body on the root given as the first argument."""
    root = Path(sys.argv[1])
    if os.geteuid() == 0:
        become_ordinary(root)
    engine = LocalEngine(root / "r", ports=choose_ports(), account=None)
    spec = make_spec("saint-paul")
    try:
        provision(engine, spec)
        result = engine.probe(spec)
        assert result.ok, result.detail
        assert "not enforced" in engine.observe("saint-paul").limits or "cgroup" in engine.observe("saint-paul").limits
        assert engine.delete("saint-paul", keep_backups=False).remains == ()
    finally:
        stop_all(engine.root)
    sys.stdout.write("provisioned and purged\n")


if __name__ == "__main__":
    main()
