"""Forms of what UEPAL does with a request: when it shall begin, what is asked back, why it is refused."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget
from parish_requests.deciding import LATEST_BEGIN
from parish_requests.wording import CHANNEL_LENGTH, TEXT_LENGTH, WHY_LENGTH

# Nobody works in the parishes between these hours (local time).
NIGHT_BEGINS, NIGHT_ENDS = 22, 6
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


def find_tonight(now: datetime) -> datetime | None:
    """Return when the night begins; None while it is night: at once, then."""
    local = timezone.localtime(now)
    if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
        return None
    return local.replace(hour=NIGHT_BEGINS, minute=0, second=0, microsecond=0)


class NothingForm(forms.Form):
    """Nothing to choose: the button alone."""


class ApproveForm(forms.Form):
    """When it shall begin, and what the person saw of what it would change (`seen`, a digest)."""

    when = forms.ChoiceField(
        label=gettext_lazy("When shall it begin?"),
        choices=[
            ("now", gettext_lazy("At once")),
            ("tonight", gettext_lazy("Tonight, from 22:00")),
            ("at", gettext_lazy("At the moment given below")),
        ],
        initial="now",
        widget=UnfoldAdminRadioSelectWidget,
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Moment"),
        required=False,
        input_formats=[LOCAL_FORMAT],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Within the next 14 days. Before it begins the comparison is made again."),
        error_messages={"invalid": gettext_lazy("Give a day and an hour, as 2027-01-31T22:00.")},
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Return the values with `not_before`; None for at once."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        now, when, at = timezone.now(), values.get("when"), values.get("at")
        values["not_before"] = find_tonight(now) if when == "tonight" else at if when == "at" else None
        if when != "at" or "at" in self.errors:
            return values
        if at is None:
            self.add_error("at", _("Give the moment."))
        elif not now < at <= now + LATEST_BEGIN:
            self.add_error("at", _("Give a moment within the next %(days)s days.") % {"days": LATEST_BEGIN.days})
        return values


class QuestionForm(forms.Form):
    """What is asked back."""

    text = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=gettext_lazy("It goes by mail to whoever asked, and stands on the request."),
    )


class AnswerForm(forms.Form):
    """What the parish answered, by another way than its pages."""

    text = forms.CharField(
        label=gettext_lazy("What the parish answered, and how"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=gettext_lazy("E.g. “By telephone, Mrs Martin: yes, only the files.” It is recorded under your name."),
    )


class RefuseForm(forms.Form):
    """Why it is refused."""

    text = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("The parish reads it as you write it."),
    )


class FinishForm(forms.Form):
    """What people have done, or answer."""

    text = forms.CharField(
        label=gettext_lazy("Your answer, or what was done"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("It goes by mail to whoever asked, as you write it, and stands on the request."),
    )


class UndoForm(forms.Form):
    """Why a restore shall be undone."""

    why = forms.CharField(
        label=gettext_lazy("Why shall it be undone?"),
        max_length=WHY_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    channel = forms.CharField(
        label=gettext_lazy("How it was asked"),
        max_length=CHANNEL_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("E.g. “by telephone, by Mrs Martin, treasurer”. It stands on the request for ever."),
    )
