"""A real mail server: TLS that is checked, a login, refusals, a server that is slow or away."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from tests.watch.rows import make_message_row, make_recipient_row
from tests.watch.servers import Mailbox, make_certificate, serve_mail
from watch.notices.mail import send_mail

pytestmark = pytest.mark.django_db
SECRET = "geheim-4711"


def send(settings: Any, port: int, **values: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = False, True
    for name, value in values.items():
        setattr(settings, name, value)
    anne = make_recipient_row()
    send_mail(anne, make_message_row(anne, "Église de l’Ill", now=timezone.now()))


def test_a_mail_is_plain_text_for_one_and_answers_no_machine(mailbox: Mailbox) -> None:
    anne = make_recipient_row()
    message = make_message_row(anne, "Église", now=timezone.now(), body="ligne une\n.\nligne trois ’")
    send_mail(anne, message)
    (mail,) = mailbox.mails
    assert mail["To"] == "anne@example.org" and mail["Subject"] == "[Civiparoisse] Église"
    assert mail["Auto-Submitted"] == "auto-generated" and message.message_id in mail["Message-ID"]
    assert mail.get_content_type() == "text/plain" and "ligne une\n.\nligne trois ’" in mail.get_content().replace(
        "\r", ""
    )


def test_by_tls_with_a_login(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with serve_mail(context=context, account=("manager", SECRET)) as box:
        send(settings, box.port, EMAIL_HOST_USER="manager", EMAIL_HOST_PASSWORD=SECRET)
    assert len(box.mails) == 1


def test_a_wrong_password_is_told_without_it(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with serve_mail(context=context, account=("manager", "other")) as box, pytest.raises(CiviparoisseError) as caught:
        send(settings, box.port, EMAIL_HOST_USER="manager", EMAIL_HOST_PASSWORD=SECRET)
    assert caught.value.code == "notice_refused" and "535" in caught.value.message
    assert SECRET not in caught.value.message and box.mails == []


def test_a_server_that_nobody_vouches_for_gets_no_mail(settings: Any, tmp_path: Path) -> None:
    with serve_mail(context=make_certificate(tmp_path)) as box, pytest.raises(CiviparoisseError) as caught:
        send(settings, box.port)
    assert "SSLCertVerificationError" in caught.value.message and box.mails == []


def test_a_server_without_tls_gets_no_mail_where_tls_is_set(settings: Any) -> None:
    with serve_mail() as box, pytest.raises(CiviparoisseError):
        send(settings, box.port)
    assert box.mails == []


def test_a_server_that_is_away_or_says_nothing_is_told(settings: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(CiviparoisseError) as caught:
            send(settings, port)
        assert "ConnectionRefusedError" in caught.value.message
        silent.listen()
        with pytest.raises(CiviparoisseError) as caught:
            settings.EMAIL_TIMEOUT = 0.5
            anne = make_recipient_row("slow", address="slow@example.org")
            send_mail(anne, make_message_row(anne, now=timezone.now()))
        assert "Timeout" in caught.value.message or "Disconnected" in caught.value.message


def test_a_subject_cannot_add_a_header(mailbox: Mailbox) -> None:
    anne = make_recipient_row()
    with pytest.raises(CiviparoisseError) as caught:
        send_mail(anne, make_message_row(anne, "a\nBcc: x@example.org", now=timezone.now()))
    assert caught.value.code == "notice_refused" and mailbox.mails == []
