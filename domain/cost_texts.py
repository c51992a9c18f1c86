"""Texts of the errors of costs and of room: message, hint and, unless it is 409, HTTP status."""

from typing import Any

from domain.texts import mark as _

COST_TEXTS: dict[str, tuple[Any, ...]] = {
    "price_missing": (
        _("No price sheet says what the instances on %(engine)s cost on %(day)s."),
        _("Enter one that holds on that day."),
    ),
    "price_incomplete": (
        _("The price sheet %(sheet)s does not say what this costs: %(thing)s."),
        _("Complete it; a price of zero must be confirmed."),
    ),
    "price_sheets_overlap": (
        _("The price sheets %(sheet)s and %(other)s hold for the same days."),
        _("End one before the other begins."),
    ),
    "price_sheets_differ": (
        _("The price sheets %(sheet)s and %(other)s hold in one month, but not in one currency and with one VAT rule."),
        _("Change them at the beginning of a month."),
    ),
    "month_closed": (
        _("The month %(month)s is closed: its figures do not change any more."),
        _("Only the provider's invoice can still be entered."),
    ),
    "month_not_over": (_("The month %(month)s cannot be closed before it is over."), ""),
    "closing_unconfirmed": (
        _("Closing %(month)s makes its figures final, and nobody confirmed it."),
        _("Look at it with --dry-run, then repeat the month: --confirm %(month)s."),
    ),
    "file_not_written": (_("The file %(file)s could not be written (%(detail)s)."), _("Choose another place."), 400),
    "nothing_to_recommend": (
        _("The sizes of %(instance)s are right, or not enough was measured to say otherwise."),
        _("Measure for a week; the page of savings shows what is known."),
    ),
    "month_not_closed": (
        _("The month %(month)s is not closed yet: its figures may still change."),
        _("Close it first: finops_close."),
    ),
    "capacity_exceeded": (
        _(
            "%(instance)s does not fit: on one node it needs %(needed)s (servers %(lasting)s, its cron and its backup"
            " %(passing)s) and %(volumes)s volumes; the node with the most room, %(node)s, has %(free)s free of"
            " %(allocatable)s (%(nodes)s nodes). Bound by: %(binding)s."
        ),
        _("Add a node, choose a smaller plan, suspend or delete instances, or switch the check off on purpose."),
    ),
}
