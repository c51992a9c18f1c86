"""The form by which UEPAL enters what a parish asked by another way: by telephone, by letter, at the door."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)
from civiparoisse.presentation import format_time
from parish_requests.choices import Cause, RequestScope, Wish
from parish_requests.models import ParishContact
from parish_requests.moments import Moment, list_moments
from parish_requests.sets import PART_LENGTH
from parish_requests.wording import CHANNEL_LENGTH, REFERENCE_LENGTH, WHY_LENGTH
from tenants.models import Instance

# An undo is asked where the restore is: on its operation's page, or on its request.
OFFERED = [(wish.value, wish.label) for wish in Wish if wish is not Wish.UNDO]


class InstanceForm(forms.Form):
    """Which instance the parish speaks of."""

    instance = forms.ModelChoiceField(
        label=gettext_lazy("Instance"),
        queryset=Instance.objects.none(),
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": gettext_lazy("Choose one.")},
    )

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["instance"]
        field.queryset = rows
        field.label_from_instance = lambda row: f"{row.tenant.name} – {row.identifier}"


class EntryForm(forms.Form):
    """What a parish asked for, and how it was asked. `moment`: the primary key of a set; empty where none is meant."""

    channel = forms.CharField(
        label=gettext_lazy("How it was asked"),
        max_length=CHANNEL_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("E.g. “by telephone, by Mrs Martin, treasurer”. It stands on the request for ever."),
    )
    contact = forms.ModelChoiceField(
        label=gettext_lazy("Contact who asks"),
        queryset=ParishContact.objects.none(),
        required=False,
        empty_label=gettext_lazy("Somebody else"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Mails about the request go there, and to all who are informed."),
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("What is asked for"),
        choices=OFFERED,
        initial=Wish.RESTORE.value,
        widget=UnfoldAdminRadioSelectWidget,
    )
    cause = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=Cause.choices,
        initial=Cause.OTHER.value,
        widget=UnfoldAdminRadioSelectWidget,
    )
    moment = forms.ChoiceField(
        label=gettext_lazy("Moment to go back to"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("For going back, and for being shown an earlier moment."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("How much"),
        choices=RequestScope.choices,
        initial=RequestScope.EVERYTHING.value,
        widget=UnfoldAdminRadioSelectWidget,
    )
    part = forms.CharField(
        label=gettext_lazy("File or folder"),
        required=False,
        max_length=PART_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For one file or folder only, as tree/path: sites/default/files/letter.pdf"),
    )
    why = forms.CharField(
        label=gettext_lazy("Why, in their words"),
        max_length=WHY_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    recipient = forms.CharField(
        label=gettext_lazy("Key of the contact"),
        required=False,
        max_length=62,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For their data as a file: the public half of an age key, if they have one."),
    )
    external_reference = forms.CharField(
        label=gettext_lazy("Reference of the helpdesk"),
        required=False,
        max_length=REFERENCE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, instance: Instance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts: Any = self.fields["contact"]
        able = instance.tenant.contacts.filter(may_ask=True, confirmed_at__isnull=False)
        contacts.queryset = able.order_by("name", "pk")
        self.moments = {str(moment.backup.pk): moment for moment in list_moments(instance) if not moment.why_not}
        field: Any = self.fields["moment"]
        field.choices = [("", _("none")), *((key, word_moment(one)) for key, one in self.moments.items())]

    def clean(self) -> dict[str, Any]:
        """Return the values, with the chosen set as `backup`."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = self.moments.get(values.get("moment") or "")
        values["backup"] = chosen.backup if chosen else None
        return values


def word_moment(moment: Moment) -> str:
    """Return a moment for a list: when it was saved, what it holds, since when it is proven."""
    told = f"{format_time(moment.saved_at)} – {moment.holds.label}"
    if moment.proven_at is None:
        return told
    return _("%(moment)s, proven on %(time)s") % {"moment": told, "time": format_time(moment.proven_at)}
