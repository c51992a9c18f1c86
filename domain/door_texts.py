"""Texts of what the parishes' site refuses: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

DOOR_TEXTS: dict[str, tuple[Any, ...]] = {
    "door_address_invalid": (
        _("This is not a mail address."),
        _("Check it: it looks like name@example.org."),
        400,
    ),
    "door_too_often": (
        _("This was tried too often."),
        _("Try again after %(time)s, or call UEPAL."),
        429,
    ),
    "door_link_invalid": (
        _("This link does not open anything: it is too old, was used already, or is not complete."),
        _("Ask for a new one; it works once, for %(minutes)s minutes."),
        404,
    ),
    "door_link_elsewhere": (
        _("This link was asked for in another browser, and opens only there."),
        _(
            "Type the six digits of the mail in the browser where you asked. Never give them to anybody. If you asked "
            "for nothing, do nothing."
        ),
        403,
    ),
    "door_code_wrong": (
        _("These six digits are not right, or do not work any more."),
        _("Check the newest mail; after five wrong ones ask for a new link."),
        400,
    ),
    "door_page_stale": (
        _("This page was open for too long, or your browser keeps no cookies: nothing was sent."),
        _("Go back, open the page again, and repeat."),
        403,
    ),
    "door_choice_invalid": (
        _("An answer is missing: %(question)s"),
        _("Choose one of the answers."),
        400,
    ),
    "door_name_missing": (
        _("Write the name of the file or folder, or a part of it."),
        _("Capital letters do not matter."),
        400,
    ),
    "door_rating_missing": (
        _("Say whether it is what you wanted: yes or no."),
        "",
        400,
    ),
    "door_search_busy": (
        _("Somebody of your parish is looking for a file already."),
        _("Try again in a minute."),
    ),
}
