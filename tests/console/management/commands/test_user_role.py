"""user_role: exactly the roles that are named; without any, which there are."""

import pytest
from django.contrib.auth.models import User

from operations.role_groups import give_roles, list_roles
from operations.roles import READER
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def jeanne() -> User:
    """A reader."""
    user = User.objects.create_user("jeanne", is_staff=True)
    give_roles(user, [READER], requested_by="test")
    return user


def test_roles_are_told_given_and_taken(jeanne: User) -> None:
    assert run_json("user_role", "jeanne")[1]["roles"] == ["reader"]
    assert run_json("user_role", "jeanne", "--role", "restorer")[1]["roles"] == ["restorer"]
    assert [role.code for role in list_roles(jeanne)] == ["restorer"]
    assert run_command("user_role", "jeanne", "--none")[0] == 0
    assert list_roles(User.objects.get(pk=jeanne.pk)) == []


@pytest.mark.usefixtures("jeanne")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("nobody", "--none"), "not_found"), (("jeanne", "--none", "--role", "reader"), "invalid_value")],
)
def test_a_refusal_changes_nothing(arguments: tuple[str, ...], code: str) -> None:
    assert run_json("user_role", *arguments)[1]["error"]["code"] == code
    assert [role.code for role in list_roles(User.objects.get(username="jeanne"))] == ["reader"]
