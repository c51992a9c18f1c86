"""Wiring of the project: settings, addresses, Celery. Open settings.py first.

PyMySQL stands in for mysqlclient: a pure wheel, nothing to compile, the same behaviour.
May import: everything. Tests: tests/civiparoisse.
"""

import pymysql

pymysql.install_as_MySQLdb()

from civiparoisse.celery import app as celery_app  # noqa: E402 - PyMySQL must be installed before Django is imported

__all__ = ["celery_app"]
