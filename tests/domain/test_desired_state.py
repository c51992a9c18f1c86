"""The desired state is whole, the same for the same spec, and without secrets."""

import json

from domain.desired_state import make_desired_state
from domain.specs import MailServer
from tests.builders import make_site, make_spec


def test_the_desired_state_holds_no_password() -> None:
    mail = MailServer(host="smtp.example.org", port=587, user="user", password="mail-password")
    spec = make_spec("saint-paul", site=make_site("saint-paul", smtp=mail, imap=mail))
    text = make_desired_state(spec)
    assert "mail-password" not in text and spec.secrets.db_password not in text
    assert json.loads(text)["site"]["smtp"]["host"] == "smtp.example.org"
