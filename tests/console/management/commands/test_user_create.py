"""user_create: an account with its roles, and a password that is shown once or never."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from operations.role_groups import list_roles
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_an_account_is_made_with_its_roles_and_a_password_of_ours() -> None:
    code, document = run_json("user_create", "jeanne", "--role", "operator", "--role", "accountant")
    user = User.objects.get(username="jeanne")
    assert (code, document["roles"], document["is_superuser"]) == (0, ["operator", "accountant"], False)
    assert user.check_password(document["password"]) and user.is_staff
    assert [role.code for role in list_roles(user)] == ["operator", "accountant"]


def test_a_password_from_a_file_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("trois-mots-et-demi\n")
    code, said, _told = run_command("user_create", "jeanne", "--role", "reader", "--password-file", str(file))
    assert code == 0 and "trois-mots-et-demi" not in said and "jeanne" in said
    assert User.objects.get(username="jeanne").check_password("trois-mots-et-demi")


@pytest.mark.parametrize("content", ["12345678", "", "one\ntwo\n"])
def test_a_weak_or_wrong_password_makes_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "password"
    file.write_text(content)
    code, document = run_json("user_create", "jeanne", "--password-file", str(file))
    assert (code, document["error"]["code"]) == (1, "invalid_value")
    assert not User.objects.exists()


@pytest.mark.parametrize("arguments", [("jeanne",), ("a b",), ("omar", "--email", "nowhere")])
def test_a_taken_or_refused_name_or_address_makes_nothing(arguments: tuple[str, ...]) -> None:
    User.objects.create_user("jeanne")
    code, document = run_json("user_create", *arguments)
    assert (code, document["error"]["code"]) == (1, "invalid_value")
    assert User.objects.count() == 1
