"""Pages of bounded size."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from domain.errors import InvalidValue

LARGEST_DIGITS = 18  # what every database takes for a number
LARGEST = 10**LARGEST_DIGITS - 1


class BoundedPagination(LimitOffsetPagination):
    """`limit` and `offset`; a page never holds more than `max_limit` rows. Anything but a number is refused."""

    max_limit = 200

    def get_limit(self, request: Request) -> int | None:
        """Return how many rows the page may hold."""
        limit = parse_count(request, "limit", default=self.default_limit or self.max_limit, minimum=1)
        return min(limit, self.max_limit)

    def get_offset(self, request: Request) -> int:
        """Return how many rows come before the page."""
        return parse_count(request, "offset", default=0, minimum=0)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the base class's parameters, with their bounds."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"] |= {"minimum": 1 if parameter["name"] == "limit" else 0, "maximum": LARGEST}
        return parameters


def parse_count(request: Request, name: str, *, default: int, minimum: int) -> int:
    """Return the number in the query's parameter `name`. Raise InvalidValue for anything else."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not re.fullmatch(rf"[0-9]{{1,{LARGEST_DIGITS}}}", raw) or int(raw) < minimum:
        raise InvalidValue(field=name, reason=_("give a whole number of at least %(minimum)s.") % {"minimum": minimum})
    return int(raw)
