"""Error texts of changes of the plan alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

RESIZE_TEXTS = {
    "resize_rolled_back": ErrorText(
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s) and has the plan %(plan_before)s again."
            " %(detail)s"
        ),
        _("The log of operation %(operation)s has the details."),
    ),
    "resize_rolled_back_grown": ErrorText(
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s) and has the plan %(plan_before)s again."
            " %(detail)s"
        ),
        _(
            "Its volumes that have grown stay as they are, since they cannot shrink."
            " The log of operation %(operation)s has the details."
        ),
    ),
    "resize_rollback_failed": ErrorText(
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s), and does not run with the plan"
            " %(plan_before)s either. %(detail)s"
        ),
        _("Look at the place where it runs, then make it run again: instance_resume %(instance)s"),
    ),
}
