"""Calls of the API: one request as tests name it, and those that change requests, contacts and campaigns."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from campaigns.models import Campaign
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.preview_documents import digest_preview


class Call(NamedTuple):
    """One request. `route`: its method and its address as the schema has it; `path`: the real one."""

    route: tuple[str, str]
    path: str
    body: dict[str, Any] | None = None
    status: int = 200


def list_door_changes() -> Iterator[Call]:
    """Yield a call of every route that changes a request or a contact."""
    done, refused, withdrawn, failed = RestoreRequest.objects.order_by("pk")[:4]
    said, seen = {"text": "Quel jour ?"}, {"preview_sha256": digest_preview(done.preview)}
    for row, what, body in (
        (done, "preview", {}),
        (done, "approve", seen),
        (done, "finish", said),
        (refused, "ask", said),
        (refused, "answer", said),
        (refused, "refuse", said),
        (withdrawn, "withdraw", {}),
        (failed, "retry", {}),
    ):
        yield Call(("post", f"requests/{{reference}}/{what}/"), f"requests/{row.reference}/{what}/", body)
    how = {"channel": "par téléphone, par Mme Weiss"}
    undo = f"requests/{done.reference}/undo/"
    # Nothing was restored: an undo that is there to be asked for is in test_requests.
    yield Call(("post", "requests/{reference}/undo/"), undo, how, 409)
    help_wanted = {"instance": "saint-paul", "wish": "help", "why": "À l’aide", **how}
    yield Call(("post", "requests/"), "requests/", help_wanted, 201)
    new = {"tenant": "saint-paul", "name": "Paul Roth", "mail": "paul@example.org"}
    yield Call(("post", "contacts/"), "contacts/", new, 201)
    jeanne = f"contacts/{ParishContact.objects.earliest('pk').pk}/"
    yield Call(("patch", "contacts/{id}/"), jeanne, {"name": "Jeanne Roth"})
    ParishContact.objects.update(confirmed_at=None)
    yield Call(("post", "contacts/{id}/resend/"), f"{jeanne}resend/", {})
    yield Call(("delete", "contacts/{id}/"), jeanne, None, 204)


def list_campaign_changes() -> Iterator[Call]:
    """Yield a call of every route that records or moves a campaign; the instance saint-luc is to be there."""
    body = {"name": "Avant Noël", "kind": "backup", "selection": {"slugs": ["saint-luc"]}}
    yield Call(("post", "campaigns/"), "campaigns/?dry_run=true", body)
    yield Call(("post", "campaigns/"), "campaigns/", body, 201)
    campaign = Campaign.objects.latest("pk")
    address = f"campaigns/{campaign.public_id}/"
    for what, sent in (("start", {}), ("pause", {"reason": "Fête"}), ("resume", {}), ("notes", {"notes": "Noté"})):
        yield Call(("post", f"campaigns/{{id}}/{what}/"), f"{address}{what}/", sent)
    campaign.members.update(state="failed")
    yield Call(("post", "campaigns/{id}/retry/"), f"{address}retry/", {})
    yield Call(("post", "campaigns/{id}/cancel/"), f"{address}cancel/", {})
