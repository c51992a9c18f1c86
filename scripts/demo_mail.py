"""The demo's mail catcher: takes every mail of the demo by SMTP and shows them on a page; none ever leaves the machine.

`demo_mail.py FILE` serves until it is told to end, and writes its two ports to FILE. On this machine alone, in memory
alone: the links in the mails let people in. Not for anything but the demo.
"""

import html
import json
import re
import signal
import socketserver
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType

HOST = "127.0.0.1"
MOST_MAILS = 500
MOST_BYTES = 1024**2
LINE_BYTES = 4096
LINK = re.compile(r"https?://[^\s<>\"']+")
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Courriels de la démonstration</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f3f4f6; padding: 1rem; color: #111; }}
</style></head><body><main><h1>Courriels de la démonstration</h1>
<p>{count}</p>{mails}</main></body></html>"""


@dataclass
class Post:
    """The mails that came, the oldest first; the oldest go once there are too many."""

    mails: list[EmailMessage] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, content: bytes) -> None:
        """Keep one mail."""
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        with self.lock:
            self.mails = [*self.mails, mail][-MOST_MAILS:]

    def render(self) -> str:
        """Return the page: each mail as text, the newest first, its links to be followed."""
        with self.lock:
            mails = self.mails[::-1]
        return PAGE.format(count=f"{len(mails)} – le plus récent d’abord.", mails="".join(map(render_mail, mails)))


def render_mail(mail: EmailMessage) -> str:
    """Return one mail as HTML."""
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    head = f"<h2>{html.escape(str(mail['Subject'] or ''))}</h2><p>{html.escape(str(mail['To'] or ''))}</p>"
    return f"<article>{head}<pre>{link(text)}</pre></article>"


def link(text: str) -> str:
    """Return a text as HTML whose addresses can be followed."""
    parts, at = [], 0
    for found in LINK.finditer(text):
        address = html.escape(found[0].rstrip(".,;)"))
        parts += [html.escape(text[at : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        at = found.start() + len(found[0].rstrip(".,;)"))
    return "".join([*parts, html.escape(text[at:])])


def make_smtp(post: Post) -> type[socketserver.StreamRequestHandler]:
    """Return what answers one sender: enough of RFC 5321 for a mail to be handed over."""

    class Sender(socketserver.StreamRequestHandler):
        timeout = 60

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            with suppress(OSError):
                self.say("220 demo")
                while line := self.rfile.readline(LINE_BYTES):
                    verb = line[:4].upper()
                    if verb == b"QUIT":
                        self.say("221 bye")
                        return
                    if verb == b"DATA":
                        self.say("354 go on")
                        self.say(self.take())
                    elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                        self.say("250 ok")
                    else:
                        self.say("502 not here")

        def take(self) -> str:
            content = bytearray()
            while (line := self.rfile.readline(LINE_BYTES)) not in (b".\r\n", b""):
                content += line[1:] if line.startswith(b".") else line
                if len(content) > MOST_BYTES:
                    return "552 too large"
            post.take(bytes(content))
            return "250 taken"

    return Sender


def make_pages(post: Post) -> type[BaseHTTPRequestHandler]:
    """Return what shows the mails; a page of elsewhere that calls itself this machine is refused."""

    class Reader(BaseHTTPRequestHandler):
        timeout = 60

        def do_GET(self) -> None:  # noqa: N802 - the library's name
            host = (self.headers.get("Host") or "").partition(":")[0]
            if host not in (HOST, "localhost"):
                self.send_error(421)
                return
            page = post.render().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Write nothing."""

    return Reader


class SmtpServer(socketserver.ThreadingTCPServer):
    """One thread for each sender."""

    allow_reuse_address = True
    daemon_threads = True


def open_servers(post: Post, ports: tuple[int, int]) -> tuple[SmtpServer, ThreadingHTTPServer]:
    """Listen on two ports, for mails and for the page; 0: any. Raise OSError for one that is taken."""
    smtp = SmtpServer((HOST, ports[0]), make_smtp(post))
    try:
        return smtp, ThreadingHTTPServer((HOST, ports[1]), make_pages(post))
    except OSError:
        smtp.server_close()
        raise


def read_ports(file: Path) -> tuple[int, int]:
    """Return the ports that were written last; two zeros where there are none."""
    try:
        content = json.loads(file.read_text(encoding="ascii"))
        return int(content["smtp"]), int(content["page"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0, 0


def serve(file: Path) -> None:
    """Serve on the same ports as the last time, so that who knows them finds it again, or on others."""
    post = Post()
    try:
        smtp, pages = open_servers(post, read_ports(file))
    except OSError:
        smtp, pages = open_servers(post, (0, 0))
    threading.Thread(target=smtp.serve_forever, daemon=True).start()
    told = {"smtp": smtp.server_address[1], "page": pages.server_address[1]}
    partial = file.with_suffix(".new")
    partial.write_text(json.dumps(told), encoding="ascii")
    partial.replace(file)
    with pages:
        pages.serve_forever()


def end(_number: int, _frame: FrameType | None) -> None:
    """End at once: there is nothing to save."""
    raise SystemExit


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    serve(Path(sys.argv[1]))
