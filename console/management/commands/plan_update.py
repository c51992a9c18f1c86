"""Change sizes of a plan; instances take them up when they are next applied."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import PlanCommand
from tenants.catalogue import update_plan
from tenants.models import Plan
from tenants.registry import get_plan


class Command(PlanCommand):
    """`plan_update small --set db_volume=4Gi`: what is not given stays."""

    help: Any = gettext_lazy(
        "Change sizes of a plan; instances take them up when they are next applied (instance_resume)."
    )

    def write(self, name: str, values: dict[str, Any], like: Plan | None, *, requested_by: str) -> Plan:  # noqa: ARG002
        """Change it."""
        return update_plan(get_plan(name), values, requested_by=requested_by)
