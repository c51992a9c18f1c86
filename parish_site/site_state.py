"""Whether a parish's site is up, in words, as far as the manager knows it without asking the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance, Tenant
from watch.checks.trouble_rules import Trouble
from watch.models import Problem

STATES: Mapping[str, Any] = {
    InstanceState.NEW.value: gettext_lazy("Your site is not set up yet."),
    InstanceState.PROVISIONING.value: gettext_lazy("Your site is being set up."),
    InstanceState.ACTIVE.value: gettext_lazy("Your site is up."),
    InstanceState.SUSPENDING.value: gettext_lazy("Your site is being stopped."),
    InstanceState.SUSPENDED.value: gettext_lazy("Your site is stopped; its data is kept."),
    InstanceState.RESUMING.value: gettext_lazy("Your site is being started."),
    InstanceState.RESTORING.value: gettext_lazy("Your site is closed for a moment: earlier data is being put back."),
    InstanceState.RESIZING.value: gettext_lazy("Your site is being given other sizes."),
    InstanceState.UPGRADING.value: gettext_lazy("Your site is closed for a moment: it is given a newer version."),
    InstanceState.DELETING.value: gettext_lazy("Your site is being removed."),
    InstanceState.FAILED.value: gettext_lazy("Your site is not in order: UEPAL has been told."),
}
# What stands and means that people may not reach it.
TROUBLES = (Trouble.FAILED.value, Trouble.STUCK.value, Trouble.FALLING.value)


@dataclass(frozen=True, slots=True)
class SiteState:
    """`text`: a sentence; `is_up`: nothing is known against it. `versions`: what runs, for people."""

    text: str
    is_up: bool
    address: str
    versions: str


def find_site(tenant: Tenant) -> Instance | None:
    """Return the parish's own site; None where it has none (any more)."""
    rows = Instance.objects.filter(tenant=tenant, kind=InstanceKind.PRODUCTION.value).select_related("release")
    return rows.exclude(state=InstanceState.DELETED.value).defer("secrets").order_by("-pk").first()


def describe_site(instance: Instance | None) -> SiteState:
    """Return what is said of a site."""
    if instance is None:
        return SiteState(_("Your parish has no site here."), False, "", "")
    is_troubled = Problem.objects.filter(
        subject=instance.identifier, check_code__in=TROUBLES, open_key__isnull=False
    ).exists()
    is_up = instance.state == InstanceState.ACTIVE and not is_troubled
    text = str(STATES[instance.state])
    if instance.state == InstanceState.ACTIVE and is_troubled:
        text = _("Your site does not work as it should: UEPAL has been told.")
    versions = ", ".join(
        f"{_name(product)} {version}" for product, version in sorted(instance.release.versions.items())
    )
    return SiteState(text, is_up, f"https://{instance.host}", versions)


def _name(product: str) -> str:
    return {"civicrm": "CiviCRM", "drupal": "Drupal", "php": "PHP", "mysql": "MySQL"}.get(product, product)
