"""Record a plan: sizes that instances can have."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import PlanCommand
from tenants.catalogue import create_plan
from tenants.models import Plan


class Command(PlanCommand):
    """`plan_create small --like default --set containers.httpd.cpu_request=250m`: the rest is as in the other plan."""

    help: Any = gettext_lazy("Record a plan: another one's sizes, with those given in their place.")
    creates = True

    def write(self, name: str, values: dict[str, Any], like: Plan | None, *, requested_by: str) -> Plan:
        """Record it."""
        return create_plan({**values, "name": name}, like=like, requested_by=requested_by)
