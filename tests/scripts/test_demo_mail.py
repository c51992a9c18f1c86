"""The demo's mail catcher, by a real sender and a real reader."""

import http.client
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from scripts import demo_mail
from tests.gates.source import ROOT
from tests.local_engines import wait_until

TEXT = """Bonjour,

Ouvrez http://127.0.0.1:8800/paroisse/entrer/abc?d=1&e=2. <script>alert(1)</script>
.un point au début
"""


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The catcher as the demo runs it; its ports."""
    file = tmp_path / "mail.json"
    process = subprocess.Popen([sys.executable, str(ROOT / "scripts" / "demo_mail.py"), str(file)])
    try:
        wait_until(file.exists, "the catcher listens")
        yield demo_mail.read_ports(file)
    finally:
        process.terminate()
        assert process.wait(60) == 0


def send(port: int, text: str = TEXT, *, to: str = "jeanne@saint-paul.example.org") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "civiparoisse@localhost", to, "Votre lien d’entrée <b>"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.send_message(mail)


def read(port: int, *, host: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/", headers={"Host": host})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_mail_is_shown_as_text_and_its_link_can_be_followed(ports: tuple[int, int]) -> None:
    smtp, page = ports
    send(smtp)
    send(smtp, "Le second.")
    status, text = read(page)
    assert status == 200 and "2 – le plus récent" in text
    address = "http://127.0.0.1:8800/paroisse/entrer/abc?d=1&amp;e=2"
    assert f'<a href="{address}" rel="noreferrer">{address}</a>.' in text
    assert "<script>" not in text and "&lt;script&gt;" in text and "&lt;b&gt;" in text
    assert "\n.un point au début" in text and text.index("Le second.") < text.index("Bonjour")


def test_a_page_of_elsewhere_that_calls_itself_this_machine_is_refused(ports: tuple[int, int]) -> None:
    send(ports[0])
    status, text = read(ports[1], host="evil.example.org")
    assert status == 421 and "entrer" not in text


def test_it_listens_on_this_machine_alone_and_keeps_the_ports_that_it_had(tmp_path: Path) -> None:
    assert demo_mail.HOST == "127.0.0.1"
    post = demo_mail.Post()
    first = demo_mail.open_servers(post, (0, 0))
    ports = first[0].server_address[1], first[1].server_address[1]
    assert {one.server_address[0] for one in first} == {"127.0.0.1"}
    with pytest.raises(OSError, match="in use"):
        demo_mail.open_servers(post, (0, ports[1]))
    for one in first:
        one.server_close()
    assert demo_mail.read_ports(tmp_path / "none") == (0, 0)


def test_the_oldest_go_once_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_mail, "MOST_MAILS", 2)
    post = demo_mail.Post()
    for number in range(3):
        post.take(f"Subject: mail {number}\r\n\r\ntext\r\n".encode())
    assert [mail["Subject"] for mail in post.mails] == ["mail 1", "mail 2"]
