"""Texts of what cannot be done with campaigns: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

CAMPAIGN_TEXTS: dict[str, tuple[Any, ...]] = {
    "campaign_state_forbids": (
        _("That is not possible with the campaign %(campaign)s now: it is in state “%(campaign_state)s”."),
        _("Look at it again: somebody may have been faster."),
    ),
    "campaign_empty": (
        _("Nobody would take part in this campaign: %(count)s selected instances are left out."),
        _("Look at the dry run for the reason of each, and select others."),
    ),
    "campaign_instance_taken": (
        _("%(instance)s takes part in the campaign %(campaign)s, which has not ended."),
        _("Wait for its end, or cancel it; an instance is in one campaign at a time."),
    ),
    "campaign_nothing_to_retry": (
        _("Nothing of the campaign %(campaign)s has failed."),
        "",
    ),
    "campaign_notes_unread": (
        _("The notes of the release %(release)s must be read before everybody gets it."),
        _("Read them, and say so (notes_read)."),
    ),
    "campaign_release_withdrawn": (
        _("The release %(release)s is withdrawn: no campaign brings anybody to it."),
        _("Choose another release."),
    ),
    "campaign_full": (
        _("The campaign %(campaign)s has as many at work as it may."),
        _("The next one begins by itself."),
    ),
    "campaign_operation_lost": (
        _("What was begun for %(instance)s in the campaign %(campaign)s is not known any more."),
        _("Look at the instance, then try again."),
    ),
}
