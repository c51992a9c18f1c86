"""Settings of the manager's processes in tests with several of them: the tests' own, and the fake engine."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403 - the same settings, one engine more

INSTALLED_APPS = [*INSTALLED_APPS, "tests.fleet_wiring.FleetConfig"]  # noqa: F405
FAKE_ENGINE_ROOT = Path(os.environ["CIVIPAROISSE_STATE_DIR"]) / "fake"
# All that is killed stands at its point at the same time.
PROOFS_AT_ONCE = 1000
if DATABASE_ENGINE == "mysql" and "ssl_ca" not in DATABASES["default"]["OPTIONS"]:  # noqa: F405
    # On one machine; a context of TLS for each of some thousand connections is 20 ms of CPU.
    DATABASES["default"]["OPTIONS"]["ssl_disabled"] = True  # noqa: F405
