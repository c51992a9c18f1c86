"""Wiring of the project. PyMySQL stands in for mysqlclient: a pure wheel, nothing to compile, same behaviour."""

import pymysql

pymysql.install_as_MySQLdb()

from civiparoisse.celery import app as celery_app  # noqa: E402 - PyMySQL must be installed before Django is imported

__all__ = ["celery_app"]
