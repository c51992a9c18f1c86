"""Application `finops`."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinopsConfig(AppConfig):
    """Names the application for people."""

    name = "finops"
    verbose_name = _("Costs")

    def ready(self) -> None:
        """Register the rows' pages in the administration; have the ledger told of what happens, and the room for an
        instance asked before it begins."""
        import_module("finops.pages.admin")
        from finops.ledger.changes import prepare_footprint, record_change, record_step
        from finops.ledger.runs import count_runs, record_run
        from finops.usage.capacity import refuse_if_full, tell_room
        from operations.admission import register_capacity_check, register_room_teller
        from operations.hooks import register_listeners

        register_listeners(
            preparation=prepare_footprint,
            change=record_change,
            step=record_step,
            run=record_run,
            scheduled_runs=count_runs,
        )
        register_capacity_check(refuse_if_full)
        register_room_teller(tell_room)
