"""A real mail server and a real receiver of webhooks, that do what a test tells them to."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Mailbox:
    """What arrived. `refusal`: what the server answers instead of taking a message, "" to take it; `unknown`: what it
    answers to an address, "" to take any; `greets_later`: it tells an address that it sees for the first time to come
    again (greylisting); `pause`: so many seconds pass before each of its answers."""

    port: int = 0
    refusal: str = ""
    unknown: str = ""
    greets_later: bool = False
    pause: float = 0
    mails: list[EmailMessage] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        """Take an address, refuse it, or have it come again."""
        await asyncio.sleep(self.pause)
        if self.unknown:
            return self.unknown
        if self.greets_later and address not in self.seen:
            self.seen.add(address)
            return "450 4.2.0 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        """Take a message, or refuse it."""
        await asyncio.sleep(self.pause)
        if self.refusal:
            return self.refusal
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


class AnyPort(Controller):
    """A server on a port that the machine chose; the library greets it where it was told to listen."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serve_mail(*, context: ssl.SSLContext | None = None, account: tuple[str, str] | None = None) -> Iterator[Mailbox]:
    """Run a mail server. `context`: it demands STARTTLS; `account`: it demands this login."""
    box = Mailbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ARG001
        assert isinstance(data, LoginPassword) and account is not None
        is_right = (data.login.decode(), data.password.decode()) == account
        return AuthResult(success=is_right, handled=is_right)

    login = {"authenticator": check, "auth_required": True, "auth_require_tls": context is not None} if account else {}
    controller = AnyPort(
        box, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=context is not None, **login
    )
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


@dataclass
class Receiver:
    """What was posted: headers and body of each. `status`: what it answers."""

    url: str = ""
    status: int = 204
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serve_webhooks() -> Iterator[Receiver]:
    """Run a receiver of webhooks."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            receiver.posts.append((dict(self.headers.items()), body))
            self.send_response(receiver.status)
            if 300 <= receiver.status < 400:
                self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET = _take  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1 that signs itself (cert.pem); return what a server serves it with."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    asked = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    about = ("-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([*asked, *about, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
