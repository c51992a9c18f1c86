"""What visitors get while a parish's site is closed: a page, and another one from the moment on that was promised."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Closing(StrEnum):
    """Why a site is closed, as its visitors are told."""

    FOR_NOW = "for_now"  # an operation is at work, and opens it again
    UNTIL_MENDED = "until_mended"  # one has failed, and people see to it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPage:
    """`page`: HTML, whole. `late_page`: what is shown from `back_at` on; the same without such a moment."""

    page: str
    late_page: str
    back_at: datetime | None = None


def format_closed_page(page: ClosedPage) -> str:
    """Return what `programs/closed_page.py` reads, as JSON. It holds nothing that visitors may not know."""
    back_at = None if page.back_at is None else int(page.back_at.timestamp())
    return json.dumps({"page": page.page, "late_page": page.late_page, "back_at": back_at})
