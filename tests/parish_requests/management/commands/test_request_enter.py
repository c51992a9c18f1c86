"""A request is entered by command as over REST: by an account that may, with a dry run that writes nothing."""

import pytest

from parish_requests.models import RestoreRequest
from tenants.models import Instance
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_parish, make_person

pytestmark = pytest.mark.django_db
HOW = ("--channel", "par téléphone, par Mme Weiss", "--as", "marc")
MAIL = "jeanne@saint-paul.example.org"


@pytest.fixture
def paul() -> Instance:
    """The site of a parish with a good set and Jeanne; Marc may enter what she asks for."""
    make_person()
    return make_parish()


def test_all_that_rest_takes(paul: Instance) -> None:
    backup = paul.backups.get().backup_id
    words = ("--backup", backup, "--cause", "deleted", "--scope", "part", "--part", "sites/default/a.pdf")
    words += ("--why", "Effacé", "--contact", MAIL, "--external-reference", "GLPI-7", *HOW)
    code, answer = run_json("request_enter", "saint-paul", "restore", *words, "--dry-run")
    assert code == 0 and answer["dry_run"] and answer["request"]["reference"] is None
    assert answer["preview"]["outcome"] and not RestoreRequest.objects.exists()
    code, answer = run_json("request_enter", "saint-paul", "restore", *words)
    request = RestoreRequest.objects.get()
    assert code == 0 and answer["request"]["reference"] == request.reference
    kept = (request.state, request.entered_by, request.scope, request.part, request.cause, request.why)
    assert kept == ("submitted", "marc", "part", "sites/default/a.pdf", "deleted", "Effacé")
    assert (request.external_reference, request.asked_mail) == ("GLPI-7", MAIL)


def test_what_it_says_to_people(paul: Instance) -> None:
    assert paul
    code, out, _err = run_command("request_enter", "saint-paul", "help", "--why", "À l’aide", *HOW, "--dry-run")
    assert code == 0 and "Rien n’a été modifié" in out and not RestoreRequest.objects.exists()
    code, out, _err = run_command("request_enter", "saint-paul", "help", "--why", "À l’aide", *HOW)
    assert code == 0 and RestoreRequest.objects.get().reference in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nowhere", "help", "--why", "x", *HOW), "not_found"),
        (("saint-paul", "restore", "--why", "x", *HOW), "invalid_value"),
        (("saint-paul", "restore", "--backup", "x", "--why", "x", *HOW), "not_found"),
        (("saint-paul", "help", "--why", "x", "--contact", "x@example.org", *HOW), "contact_unknown"),
        (("saint-paul", "help", "--why", "x", "--channel", "x", "--as", "nobody"), "not_found"),
        (("saint-paul", "help", "--why", "x", "--channel", "x", "--as", "rita"), "permission_missing"),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_what_is_wrong_is_told_and_enters_nothing(
    paul: Instance, words: tuple[str, ...], code: str, dry: tuple[str, ...]
) -> None:
    make_person("rita", "reader")
    exit_code, answer = run_json("request_enter", *words, *dry)
    assert (exit_code, answer["error"]["code"]) == (1, code) and not paul.requests.exists()


@pytest.mark.parametrize(
    "words", [("saint-paul", "undo", *HOW), ("saint-paul", "help", "--as", "marc"), ("saint-paul", "help", *HOW[:2])]
)
def test_a_wrong_command_line_is_refused(paul: Instance, words: tuple[str, ...]) -> None:
    assert run_command("request_enter", *words)[0] != 0 and not paul.requests.exists()
