"""The menu: who sees which line."""

import re

import pytest
from django.test import Client

from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db
LINES = [
    "Vue d’ensemble",
    "Demandes des paroisses",
    "Paroisses",
    "Contacts",
    "Instances",
    "Problèmes",
    "Campagnes",
    "Opérations",
    "Sauvegardes",
    "Liste de contrôle",
    "Coûts",
]
LINES += [
    "Plans",
    "Politiques de sauvegarde",
    "Politiques par défaut",
    "Tarifs",
    "Budgets",
    "Mois clôturés",
    "Versions",
    "Rôle des versions",
    "Retenues sur leur version",
    "Paroisses en premier",
    "Clusters",
    "Destinations des copies",
    "Règles des demandes",
    "Qui est prévenu",
    "Messages",
    "Utilisateurs",
    "Groupes",
    "Jetons d’API",
]


def _read_menu(client: Client) -> list[str]:
    page = read_page(client, "/admin/")
    menu = page[page.index('id="nav-sidebar-apps"') : page.index('id="main"')]
    return re.findall(r"</span> <span>([^<]+)</span>", menu)


def test_the_menu_is_french(admin_client: Client) -> None:
    assert _read_menu(admin_client) == LINES


def test_a_line_is_shown_to_those_who_may_open_it() -> None:
    assert _read_menu(make_client("backups.view_backup")) == ["Vue d’ensemble", "Sauvegardes", "Liste de contrôle"]


def test_every_line_leads_somewhere(admin_client: Client) -> None:
    page = read_page(admin_client, "/admin/")
    menu = page[page.index('id="nav-sidebar-apps"') : page.index('id="main"')]
    links = re.findall(r'href="(/admin/[^"]*)"', menu)
    assert len(links) >= 10
    assert [link for link in links if admin_client.get(link).status_code != 200] == []
