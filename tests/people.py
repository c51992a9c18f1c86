"""People before the administration: clients of accounts with chosen permissions, and how many queries a page takes."""

import html
import re
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

SPACES = re.compile(r"\s+")


def make_client(*permissions: str, name: str = "jeanne", superuser: bool = False) -> Client:
    """Return a client logged in as a new staff account with these permissions ("app.codename")."""
    user = User.objects.create_user(name, is_staff=True, is_superuser=superuser)
    for permission in permissions:
        app, _separator, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(user)
    return client


def read_page(client: Client, address: str, **query: Any) -> str:
    """Return the text of a page that answers 200, entities decoded and every run of blanks one space."""
    answer = client.get(address, query)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return SPACES.sub(" ", html.unescape(answer.content.decode()))


def count_queries(client: Client, address: str) -> int:
    """Return how many queries a page takes, once it is warm."""
    read_page(client, address)
    with CaptureQueriesContext(connection) as queries:
        read_page(client, address)
    return len(queries)
