"""The part of an address after the question mark: a mistyped name must not be taken for an absent one.

?stat=failed would list everything, and ?dryrun=true would begin what was only to be described.
"""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.filters import SearchFilter
from rest_framework.request import Request
from rest_framework.serializers import ValidationError
from rest_framework.viewsets import GenericViewSet

from api.parishes import limit_rows, refuse_other_parish

# What a value is, also for the schema: something, without control characters.
VALUE = re.compile(r"[^\x00-\x1f\x7f]+")


class StrictQueryMixin(GenericViewSet[Any]):
    """Refuses parameters that the action does not know, those given twice, and those without a value or with a control
    character."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the query once the caller is known. Raise ValidationError naming every refused parameter."""
        super().initial(request, *args, **kwargs)
        if self.action is not None:
            refuse_other_parish(request, self)
        known = self.list_known_parameters()
        faults = {name: [_("This parameter does not exist.")] for name in request.query_params if name not in known}
        repeated = [name for name, values in request.query_params.lists() if name in known and len(values) > 1]
        faults |= {name: [_("This parameter is given twice.")] for name in repeated}
        faults |= {
            name: [_("This parameter has no value.")] for name, value in request.query_params.items() if not value
        }
        faults |= {
            name: [_("This parameter holds a control character.")]
            for name, value in request.query_params.items()
            if value and not VALUE.fullmatch(value)
        }
        if faults:
            raise ValidationError(faults)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the query asks for, of the parishes that the token may touch."""
        return super().filter_queryset(limit_rows(self.request, self, queryset))

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        if self.action == "list":
            filters = set(getattr(getattr(self, "filterset_class", None), "base_filters", ()))
            return {"limit", "offset", *filters, *({"search"} if SearchFilter in self.filter_backends else ())}
        return set(getattr(getattr(self, self.action or "", None), "query_parameters", ()))
