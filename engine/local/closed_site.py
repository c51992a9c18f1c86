"""What answers visitors of a closed site, in the place and on the port of its web server."""

from domain.closed_page import ClosedPage, format_closed_page
from domain.specs import Component, InstanceSpec
from engine.local.accounts import Account, write_file
from engine.local.image import ensure_image, find_python
from engine.local.layout import Layout
from engine.local.ports import LOOPBACK
from engine.local.servers import Server

FILE = "closed.json"


def make_closed_server(spec: InstanceSpec, page: ClosedPage, layout: Layout, account: Account, *, port: int) -> Server:
    """Write the page where its program reads it, and return the server that shows it: it sees nothing of the data."""
    text, path = format_closed_page(page), layout.path("config") / FILE
    write_file(path, text, account, mode=0o640)
    image = ensure_image(layout.root, "programs")
    environment = {
        "PYTHONPATH": str(image),
        "CLOSED_PAGE_FILE": str(path),
        "CLOSED_PAGE_ADDRESS": LOOPBACK,
        "CLOSED_PAGE_PORT": str(port),
    }
    return Server(
        component=Component.HTTPD,
        argv=[find_python(), "-P", "-s", "-B", "-m", "programs.closed_page"],
        configuration="\n".join([text, *environment.values()]),
        resources=spec.plan.containers["httpd"],
        data_bytes=spec.plan.containers["httpd"].memory_limit_bytes,
        environment=environment,
        stands_in=True,
    )
