"""The form of a backup policy: weekdays and hours are ticked."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from backups.models import BackupPolicy
from backups.policies import FIELDS
from domain.schedules import BACKUP_HOURS, ISO_WEEKDAYS


class NumbersField(forms.TypedMultipleChoiceField):
    """Some of a few numbers, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=[], required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other boxes are ticked."""
        return set(map(str, initial or ())) != set(map(str, data or ()))


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model judges how the values go together."""

    weekdays = NumbersField(
        label=gettext_lazy("Weekdays"),
        choices=[(day, WEEKDAYS[day - 1]) for day in ISO_WEEKDAYS],
        help_text=gettext_lazy("The evening in which the night begins. None: every night, or each instance's own day."),
    )
    hours = NumbersField(
        label=gettext_lazy("Hours of the night"),
        choices=[(hour, f"{hour} h") for hour in BACKUP_HOURS],
        help_text=gettext_lazy("None: all of them. Instances are spread over them; 2 h is never one of them."),
    )

    class Meta:
        model = BackupPolicy
        fields = FIELDS
