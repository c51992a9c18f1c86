"""Settings of the tests: the project's own, with throw-away keys and places."""

import atexit
import os
import shutil
import tempfile

if "CIVIPAROISSE_TEST_DIR" not in os.environ:
    os.environ["CIVIPAROISSE_TEST_DIR"] = tempfile.mkdtemp(prefix="cp-", dir="/tmp")
    atexit.register(shutil.rmtree, os.environ["CIVIPAROISSE_TEST_DIR"], ignore_errors=True)
_PLACE = os.environ["CIVIPAROISSE_TEST_DIR"]
# Set, not defaulted: an xdist worker inherits its master's.
os.environ["CIVIPAROISSE_STATE_DIR"] = f"{_PLACE}/{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
os.makedirs(f"{os.environ['CIVIPAROISSE_STATE_DIR']}/static", exist_ok=True)
# Real instances of tests are as small as they get; the machine of the tests has perhaps two cores.
os.environ.setdefault("CIVIPAROISSE_CAPACITY_UNCHECKED_ENGINES", "local,real")
# No test that happens to run at night meets one.
os.environ.setdefault("CIVIPAROISSE_NIGHTLY_BACKUPS", "0")
os.environ.setdefault("CIVIPAROISSE_SECRET_KEY", "only-for-tests")
# A fixed Fernet key: tests assert on what is stored, never on real secrets.
os.environ.setdefault("CIVIPAROISSE_FIELD_KEYS", "k1:GO3o1bzmGPz9s7a6ws-jXxF6H9XKcX3WlS0CTvxXtX0=")

from civiparoisse.settings import *  # noqa: E402, F403 - the environment must be set before

# A file, not memory: workers of the tests are processes of their own.
DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['CIVIPAROISSE_STATE_DIR']}/test.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
