"""A real visitor at a site that is closed and opened again: a real Apache before and after, a page in between."""

import dataclasses
import http.client
import os
import signal

from domain.closed_page import ClosedPage
from domain.specs import Component, ComponentPhase, InstanceSpec
from engine.local.layout import make_layout
from engine.local.observation import observe_instance
from engine.local.ports import read_claims
from engine.local.processes import read_record, send_signal
from tests.engine.local.conftest import RunningParish
from tests.local_engines import wait_for_components, wait_until

PAGE = ClosedPage(page="<!doctype html><p>Le site est fermé pour un moment.", late_page="plus long")
DB = frozenset({Component.DB})


def visit(parish: RunningParish) -> tuple[int, str, str | None]:
    """Return (status, page, Retry-After) of the site's front page; status 0 while nothing answers."""
    port = read_claims(parish.engine.root, parish.spec.identifier)[Component.HTTPD.value]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/", headers={"Host": parish.spec.host, "User-Agent": "Firefox"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.getheader("Retry-After")
    except OSError:
        return 0, "", None
    finally:
        connection.close()


def close(parish: RunningParish, page: ClosedPage = PAGE) -> InstanceSpec:
    """Close the site and wait until visitors are told."""
    spec = dataclasses.replace(parish.spec, components=DB, closed_page=page)
    parish.engine.apply(spec)
    wait_until(lambda: visit(parish)[1] == page.page, "the page of the closed site is shown")
    return spec


def get_process(parish: RunningParish) -> tuple[int, str]:
    """Return the process behind the web server's port, and what it was started with."""
    record = read_record(make_layout(parish.engine.root, "saint-paul").record(Component.HTTPD))
    assert record is not None
    return record.process.pid, record.fingerprint


def test_visitors_are_told_while_it_is_closed_and_then_get_the_site(parish: RunningParish) -> None:
    assert visit(parish)[0] == 200
    spec = close(parish)
    assert visit(parish) == (503, PAGE.page, "600")
    observed = parish.engine.observe("saint-paul")
    assert observed.is_running(DB), "for an operation the web server is stopped"
    assert observed.url is None and not parish.engine.probe(spec).ok
    before = get_process(parish)
    parish.engine.apply(spec)
    assert get_process(parish) == before, "the same page is left alone"
    close(parish, dataclasses.replace(PAGE, page="<p>Le site reste fermé."))
    assert get_process(parish) != before
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)
    assert visit(parish)[0] == 200 and parish.engine.probe(parish.spec).ok


def test_its_process_sees_none_of_the_data(parish: RunningParish) -> None:
    close(parish)
    pid, _fingerprint = get_process(parish)
    with open(f"/proc/{pid}/environ", "rb") as file:
        environment = file.read()
    for secret in (parish.spec.secrets.db_password, "FILES_DIR", "DB_PASSWORD_FILE"):
        assert secret.encode() not in environment
    layout = make_layout(parish.engine.root, "saint-paul")
    assert os.stat(f"/proc/{pid}").st_uid == os.stat(layout.data).st_uid, "it is no more than the instance's account"
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)


def test_a_page_that_was_killed_is_no_fault_and_comes_back(parish: RunningParish) -> None:
    spec = close(parish)
    layout = make_layout(parish.engine.root, "saint-paul")
    record = read_record(layout.record(Component.HTTPD))
    assert record is not None and record.stands_in
    send_signal(record.process, signal.SIGKILL)
    wait_until(lambda: not record.is_alive(), "it is dead")
    assert observe_instance(layout).components[Component.HTTPD].phase is ComponentPhase.STOPPED
    parish.engine.apply(spec)
    wait_until(lambda: visit(parish)[0] == 503, "it is shown again")
    parish.engine.suspend(parish.spec)
    assert visit(parish)[0] == 0, "a suspended site shows nothing"
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)


def test_an_opening_that_was_cut_short_is_not_taken_for_open(parish: RunningParish) -> None:
    close(parish)
    layout = make_layout(parish.engine.root, "saint-paul")
    opened = layout.state.read_text(encoding="utf-8").replace('"db"\n', '"db",\n  "httpd"\n')
    assert "httpd" in opened
    layout.state.write_text(opened, encoding="utf-8")
    assert parish.engine.observe("saint-paul").components[Component.HTTPD].phase is ComponentPhase.STOPPED
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)
