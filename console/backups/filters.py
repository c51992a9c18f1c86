"""What narrows the list of backups: where a set is, and when it was taken."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import Backup, BackupState
from backups.proof_sources import VOLUME
from civiparoisse.admin_base import RangeDateFilter
from offsite.models import PROTECTING, BackupCopy, Destination

# Not the name of a destination.
NOWHERE = "-"


class PlaceFilter(admin.SimpleListFilter):
    """Narrows the list to the sets that are in one place: on their volume, at a destination, or nowhere else."""

    title = gettext_lazy("place")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return the volume, each destination, and nowhere else."""
        names = Destination.objects.values_list("name", flat=True)
        return [(VOLUME, _("its backup volume")), *((name, name) for name in names), (NOWHERE, _("nowhere else"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Backup]) -> QuerySet[Backup]:  # noqa: ARG002
        """Return the sets that are there; all of them without a choice."""
        place = self.value()
        if place is None:
            return queryset
        if place == VOLUME:
            return queryset.filter(state=BackupState.GOOD)
        copies = BackupCopy.objects.filter(backup=OuterRef("pk"), state__in=PROTECTING)
        if place == NOWHERE:
            return queryset.filter(~Exists(copies), state=BackupState.GOOD)
        return queryset.filter(Exists(copies.filter(destination__name=place)))


class DaysFilter(RangeDateFilter):  # type: ignore[misc]
    """Narrows the list to what was taken from one day to another, both whole; what is no day narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Backup]) -> QuerySet[Backup]:  # noqa: ARG002
        """Return what was taken then."""
        for suffix, lookup in (("from", "gte"), ("to", "lte")):
            day = _read_day(self.used_parameters.get(f"{self.parameter_name}_{suffix}"))
            if day is not None:
                queryset = queryset.filter(**{f"{self.field_path}__date__{lookup}": day})
        return queryset


def _read_day(text: Any) -> Any:
    """Return the day that a text of the form says, as people type it in French or as programs do; None for none."""
    for pattern in formats.get_format("DATE_INPUT_FORMATS"):
        try:
            return datetime.strptime(str(text or ""), pattern).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return None
