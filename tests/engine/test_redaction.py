"""No secret of an instance gets out, however it is written."""

import json

from domain.specs import MailServer
from engine.redaction import list_secret_values, redact
from tests.builders import make_site, make_spec


def test_every_secret_is_hidden_in_every_spelling() -> None:
    mail = MailServer(host="smtp.example.org", port=587, user="user", password='mail"\\é')
    spec = make_spec("saint-paul", site=make_site("saint-paul", smtp=mail))
    secrets = list_secret_values(spec)
    assert spec.secrets.db_password in secrets and mail.password in secrets
    for value in secrets:
        for text in (
            value,
            json.dumps(value)[1:-1],
            value.replace("\\", "\\\\").replace("'", "''"),
            value.replace("'", "'\\''"),
        ):
            assert redact(f"near <{text}>", secrets) == "near <***>"
    assert redact("nothing to hide", secrets) == "nothing to hide"
