"""Users and groups in the administration."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db


def test_users_and_groups_are_in_the_same_dress(admin_client: Client) -> None:
    group = Group.objects.create(name="Équipe")
    user = User.objects.get(username="admin")
    pages = ["auth/user/", "auth/user/add/", f"auth/user/{user.pk}/change/", f"auth/user/{user.pk}/password/"]
    for path in [*pages, "auth/group/", "auth/group/add/", f"auth/group/{group.pk}/change/", "password_change/"]:
        assert "Civiparoisse" in read_page(admin_client, f"/admin/{path}")


def test_a_user_is_made_and_comes_in(admin_client: Client) -> None:
    password = "trois-mots-et-demi"
    answer = admin_client.post(
        "/admin/auth/user/add/",
        {"username": "jeanne", "usable_password": "true", "password1": password, "password2": password},
    )
    assert answer.status_code == 302
    User.objects.filter(username="jeanne").update(is_staff=True)
    client = Client()
    assert "Mot de passe" in read_page(client, "/admin/login/")
    entered = client.post("/admin/login/?next=/admin/", {"username": "jeanne", "password": password})
    assert (entered.status_code, entered.headers["Location"]) == (302, "/admin/")


def test_a_stored_password_is_not_shown(admin_client: Client) -> None:
    user = User.objects.get(username="admin")
    assert user.password not in read_page(admin_client, f"/admin/auth/user/{user.pk}/change/")


def test_permission_is_asked() -> None:
    assert make_client().get("/admin/auth/user/").status_code == 403


@pytest.mark.parametrize(("path", "text"), [("/admin/auth/user/", "pas le droit"), ("/nowhere/", "n’existe pas")])
def test_a_refusal_or_a_wrong_address_is_told_in_french_with_a_way_back(path: str, text: str) -> None:
    client = make_client()
    client.raise_request_exception = False
    page = client.get(path, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert text in page and 'lang="fr"' in page and 'href="/admin/"' in page


def test_the_last_administrator_stays(admin_client: Client) -> None:
    admin = User.objects.get(username="admin")
    page = read_page(admin_client, f"/admin/auth/user/{admin.pk}/delete/")
    assert "dernier administrateur" in page
    admin_client.post(f"/admin/auth/user/{admin.pk}/delete/", {"post": "yes"})
    admin_client.post("/admin/auth/user/", {"action": "delete_selected", "_selected_action": admin.pk, "post": "yes"})
    fields = {"username": "admin", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "is_staff": "on"}
    answer = admin_client.post(f"/admin/auth/user/{admin.pk}/change/", fields)
    assert "dernier administrateur" in answer.content.decode()
    assert User.objects.filter(pk=admin.pk, is_superuser=True, is_active=True).exists()


def test_one_of_two_administrators_can_go(admin_client: Client) -> None:
    other = User.objects.create_superuser("anne")
    admin_client.post(f"/admin/auth/user/{other.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=other.pk).exists()


def test_shipped_roles_are_looked_at_given_and_never_changed(admin_client: Client) -> None:
    role = Group.objects.get(name="Rôle – opérateur")
    assert "Opérateur" in read_page(admin_client, "/admin/auth/group/")
    assert 'name="_save"' not in read_page(admin_client, f"/admin/auth/group/{role.pk}/change/")
    assert admin_client.post(f"/admin/auth/group/{role.pk}/change/", {"name": "x"}).status_code == 403
    admin_client.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
    admin_client.post("/admin/auth/group/", {"action": "delete_selected", "_selected_action": role.pk, "post": "yes"})
    assert Group.objects.filter(name="Rôle – opérateur").exists()
    taken = admin_client.post("/admin/auth/group/add/", {"name": "role – lecteur 2"})
    assert taken.status_code == 200 and not Group.objects.filter(name="role – lecteur 2").exists()
    user = User.objects.create_user("omar", is_staff=True)
    assert "Opérateur – " in read_page(admin_client, f"/admin/auth/user/{user.pk}/change/")
    user.groups.add(role)
    assert "Opérateur" in read_page(admin_client, "/admin/auth/user/?q=omar")
