"""Problems, who is told, messages: what is shown, what may be done, and by whom."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests.people import count_queries, make_client, read_page
from tests.watch.rows import make_message_row, make_problem_row, make_recipient_row
from tests.watch.servers import serve_webhooks
from watch.models import Message, Problem, Recipient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
LIST = "/admin/watch/problem/"


def test_the_list_shows_what_is_to_be_done_and_the_rest_on_request() -> None:
    client = make_client("watch.view_problem")
    make_problem_row("failed", "a", name="Alpha", link="/admin/")
    make_problem_row("failed", "b", name="Beta", acknowledged_until=timezone.now() + timedelta(days=1))
    gone = make_problem_row("failed", "c", name="Gamma")
    Problem.objects.filter(pk=gone.pk).update(open_key=None, ended_at=timezone.now())
    for query, names in (
        ("", {"Alpha"}),
        ("?standing=all", {"Alpha", "Beta"}),
        ("?standing=acknowledged", {"Beta"}),
        ("?standing=ended", {"Gamma"}),
        ("?check_code=cron_failed", set()),
        ("?q=alph", {"Alpha"}),
    ):
        page = client.get(LIST + query).content.decode()
        assert {name for name in ("Alpha", "Beta", "Gamma") if name in page} == names, query


def test_a_problem_is_acknowledged_and_taken_back_by_who_may() -> None:
    problem = make_problem_row(hint="Restart it.")
    address = f"{LIST}{problem.pk}/change/"
    reader = make_client("watch.view_problem", name="jeanne")
    assert "Restart it." in reader.get(address).content.decode()
    assert reader.post(address, {"days": 2, "reason": "x"}).status_code == 403
    client = make_client("watch.view_problem", "watch.change_problem", name="anne")
    assert client.post(address, {"days": 99, "reason": ""}).status_code == 200
    problem.refresh_from_db()
    assert problem.acknowledged_until is None
    assert client.post(address, {"days": 2, "reason": "the disk is ordered"}).status_code == 302
    problem.refresh_from_db()
    assert (problem.acknowledged_by, problem.acknowledged_why) == ("anne", "the disk is ordered")
    assert "the disk is ordered" in client.get(address).content.decode()
    client.post(address, {"revoke": "1"})
    problem.refresh_from_db()
    assert problem.acknowledged_until is None
    assert make_client(name="stranger").get(address).status_code == 403
    assert client.get(f"{LIST}{problem.pk + 1}/change/").status_code == 404


def test_a_recipient_is_checked_and_a_webhook_gets_a_secret_that_is_never_shown_by_itself() -> None:
    client = make_client("watch.add_recipient", "watch.view_recipient", "watch.change_recipient")
    values = {"name": "desk", "kind": "webhook", "address": "http://desk.example.org", "least_level": "warning"}
    assert client.post("/admin/watch/recipient/add/", values).status_code == 200 and not Recipient.objects.exists()
    half = values | {"address": "https://desk.example.org/in", "quiet_from": "22:00"}
    assert client.post("/admin/watch/recipient/add/", half).status_code == 200 and not Recipient.objects.exists()
    whole = half | {"quiet_until": "07:00", "checks": ["failed"], "is_active": "on"}
    assert client.post("/admin/watch/recipient/add/", whole).status_code == 302
    row = Recipient.objects.get()
    assert row.secret.startswith("whsec_") and row.checks == ["failed"] and row.tenants == []
    for address in ("/admin/watch/recipient/", f"/admin/watch/recipient/{row.pk}/change/"):
        assert row.secret not in client.get(address).content.decode()
    before = row.secret
    asked = {"action": "renew_secret", "_selected_action": [row.pk]}
    page = client.post("/admin/watch/recipient/", asked, follow=True).content.decode()
    row.refresh_from_db()
    assert row.secret != before and row.secret in page and row.former_secret == before
    # Who saw it is written down, the secret is not.
    entry = LogEntry.objects.latest("pk")
    assert entry.object_id == str(row.pk) and row.secret not in entry.change_message


def test_a_test_message_says_what_became_of_it() -> None:
    client = make_client("watch.view_recipient", "watch.change_recipient")
    with serve_webhooks() as receiver:
        row = make_recipient_row("desk", kind="webhook", address=receiver.url, secret="whsec_YWJj")
        asked = {"action": "send_test", "_selected_action": [row.pk]}
        assert "desk" in client.post("/admin/watch/recipient/", asked, follow=True).content.decode()
        assert len(receiver.posts) == 1 and Message.objects.count() == 1
        receiver.status = 500
        assert "HTTP 500" in client.post("/admin/watch/recipient/", asked, follow=True).content.decode()
    assert Message.objects.count() == 1


def test_messages_tell_what_became_of_them() -> None:
    client = make_client("watch.view_message")
    now, anne = timezone.now(), make_recipient_row()
    make_message_row(anne, "one", now=now, sent_at=now)
    message = make_message_row(anne, "two", now=now, tries=3, last_error="SMTP 451")
    page = client.get("/admin/watch/message/").content.decode()
    assert "one" in page and "SMTP 451" in page
    assert "text" in client.get(f"/admin/watch/message/{message.pk}/change/").content.decode()
    assert client.get("/admin/watch/message/add/").status_code == 403


def test_the_list_of_recipients_asks_once_for_all() -> None:
    client = make_client("watch.view_recipient")
    late = make_recipient_row("late")
    make_message_row(late, now=timezone.now(), tries=2)
    before = count_queries(client, "/admin/watch/recipient/")
    for number in range(5):
        make_recipient_row(f"r{number}")
    assert count_queries(client, "/admin/watch/recipient/") == before
    assert "1 non arriv" in read_page(client, "/admin/watch/recipient/")
