"""Texts of what cannot be done with requests of parishes: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

REQUEST_TEXTS: dict[str, tuple[Any, ...]] = {
    "request_state_forbids": (
        _("That is not possible any more with the request %(request)s: it is in state “%(request_state)s”."),
        _("Look at it again: somebody may have been faster."),
    ),
    "request_own": (
        _("Whoever asked for %(request)s, or entered it, does not decide on it."),
        _("Another person of UEPAL must do so."),
    ),
    "request_approved_already": (
        _("%(by)s has approved the request %(request)s already."),
        _("A second person must approve it."),
    ),
    "request_preview_changed": (
        _("What the request %(request)s would change is not any more what you were shown."),
        _("Look at it again, then decide."),
    ),
    "request_open_already": (
        _("The same is asked for already: request %(other)s."),
        _("Look at that one, or withdraw it first."),
    ),
    "requests_too_many": (
        _("%(tenant)s has %(count)s requests that have not ended; there are no more at a time."),
        _("Withdraw one that is not needed any more."),
    ),
    "contact_may_not_ask": (
        _("This address may not ask for anything: it is not confirmed, or only informed."),
        _("Ask UEPAL to let it."),
        403,
    ),
    "request_undo_over": (
        _("This cannot be undone any more from here."),
        _("It can for %(days)s days, while the safety copy is there, and once. Ask UEPAL otherwise."),
    ),
    "request_sandbox_taken": (
        _("The parish has a test copy already: %(instance)s."),
        _("Once it is deleted the request goes on by itself."),
    ),
    "request_operation_lost": (
        _("What was begun for the request %(request)s is not known any more."),
        _("Look at the instance, then try again."),
    ),
    "request_set_gone": (
        _("The moment of the request %(request)s is not there any more."),
        _("Ask again, with another moment."),
    ),
    "request_asker_gone": (
        _("Whoever asked for %(request)s is no contact any more, or may not ask: the data is given to nobody else."),
        _("Another contact of the parish asks anew."),
    ),
    "request_not_yours": (
        _("The data of %(request)s is given to the one who asked for it, and to nobody else."),
        _("Sign in as that person, or ask for it yourself."),
        403,
    ),
    "request_fetches_over": (
        _("The data of %(request)s was begun to be fetched %(count)s times, and never came whole."),
        _("See in the record of the request how each ended; once that is mended, try again."),
    ),
    "request_unreadable": (
        _("The data of %(request)s cannot be read at the moment."),
        _("Try again in some minutes, or call UEPAL."),
    ),
    "request_key_own": (
        _("The data of %(request)s is sealed to the key that was given with it; none is made for it."),
        "",
    ),
    "request_key_changed": (
        _("The data of %(request)s is sealed to another key than the one you were shown."),
        _("Use the newest key, or have a new one made."),
    ),
    "request_not_by_hand": (
        _("The request %(request)s is done by the manager, not by hand."),
        _("Approve it; the manager does the rest."),
    ),
    "request_text_invalid": (
        _("Write something, in at most %(length)s characters."),
        "",
        400,
    ),
}
