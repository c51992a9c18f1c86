"""What the form of a new campaign offers to choose among, for all instances alike: engines, releases, plans."""

from collections.abc import Callable, Sequence

from campaigns.models import ReleaseStanding
from domain.campaigns import ReleaseState
from domain.states import InstanceState
from tenants.models import Instance, Plan, Release

Offers = Sequence[tuple[str, str]]


def offer_clusters() -> Offers:
    """Return the engines that have an instance."""
    rows = Instance.objects.exclude(state=InstanceState.DELETED.value).order_by("engine")
    return [(name, name) for name in rows.values_list("engine", flat=True).distinct()]


def offer_releases() -> Offers:
    """Return every release."""
    return [(name, name) for name in Release.objects.order_by("name").values_list("name", flat=True)]


def offer_plans() -> Offers:
    """Return every plan."""
    return [(name, name) for name in Plan.objects.order_by("name").values_list("name", flat=True)]


def offer_new_releases() -> Offers:
    """Return the releases that instances may be brought to, newest first, with what each is for."""
    standings = {row.release_id: row for row in ReleaseStanding.objects.all()}
    offered = []
    for release in Release.objects.order_by("-pk"):
        standing = standings.get(release.pk)
        if standing is None or standing.state != ReleaseState.WITHDRAWN.value:
            text = f" – {standing.get_state_display()}" if standing else ""
            offered.append((release.name, f"{release.name}{text}"))
    return offered


OFFERS: dict[str, Callable[[], Offers]] = {"release": offer_new_releases, "plan": offer_plans}


def offer_values(parameter: str) -> Offers:
    """Return what a parameter of a kind offers to all instances alike; nothing for one whose values are its own."""
    return OFFERS[parameter]() if parameter in OFFERS else ()
