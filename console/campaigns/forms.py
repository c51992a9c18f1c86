"""The form of a new campaign: what, for which instances, in which order, when, and when it stops by itself."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.choices import CampaignOrder
from campaigns.drafts import CampaignDraft, read_draft, write_waves
from campaigns.selecting import SELECTABLE_KINDS
from campaigns.windows import DAYS
from civiparoisse.admin_base import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from console.campaigns.offers import offer_clusters, offer_plans, offer_releases, offer_values
from console.campaigns.wording import DAY_WORDS, KIND_WORDS
from console.instances.request_forms import make_field
from domain.campaigns import DEFAULT_TIME_ZONE, MOST_AT_ONCE, MOST_MEMBERS, NAME_LENGTH, NOTES_LENGTH
from domain.errors import InvalidValue
from domain.specs import InstanceKind
from domain.states import InstanceState
from domain.words import word
from operations.declarations import KindDefinition

PARAMETER = "parameter_"
DAY_CHOICES = [(day, DAY_WORDS[day]) for day in DAYS]
# States that last, and that are no end.
STATES = (InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED)
# The form's field of what a refusal names.
FIELDS = {"selection": "slugs", "windows": "begins", "blackout": "dates_without"}
# What is written in a draft as in the form.
SAME = (
    "name",
    "kind",
    "order",
    "waves",
    "limit_per_cluster",
    "time_zone",
    "stop_after_failures",
    "stop_share_percent",
    "notes",
)
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
TYPED = {"autocomplete": "off", "placeholder": "22:00", "inputmode": "numeric"}
WAVE = re.compile(r"[1-9][0-9]{0,4}")
MOST_TYPED = 200_000


def _make_checks(label: Any, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, **options
    )


def _make_number(label: Any, *, most: int, initial: int | None, required: bool = False, **options: Any) -> Any:
    limits: dict[str, Any] = {"min_value": 1, "max_value": most}
    widget = UnfoldAdminIntegerFieldWidget
    return forms.IntegerField(label=label, required=required, initial=initial, widget=widget, **limits, **options)


def _make_text(label: Any, **options: Any) -> forms.CharField:
    options = {"widget": UnfoldAdminTextInputWidget, "required": False, **options}
    return forms.CharField(label=label, **options)


@dataclass(frozen=True)
class Section:
    """Fields under one heading."""

    title: Any
    text: Any
    fields: list[forms.BoundField]


class CampaignForm(forms.Form):
    """What a campaign of `kind_definition` shall be. `read` gives the draft; what each field may hold beyond its type
    is decided there, the same for every door."""

    kind = forms.CharField(widget=forms.HiddenInput, max_length=40)
    name = _make_text(gettext_lazy("Name"), required=True, max_length=NAME_LENGTH)
    kinds = _make_checks(
        gettext_lazy("Instances"),
        [(kind, KIND_WORDS[kind]) for kind in SELECTABLE_KINDS],
        initial=[InstanceKind.PRODUCTION.value],
        help_text=gettext_lazy("Nothing ticked here or below: all of them."),
    )
    states = _make_checks(gettext_lazy("States"), lambda: [(state.value, word("state", state)) for state in STATES])
    clusters = _make_checks(gettext_lazy("Engines and clusters"), offer_clusters)
    releases = _make_checks(gettext_lazy("Releases"), offer_releases)
    plans = _make_checks(gettext_lazy("Plans"), offer_plans)
    volunteers = forms.ChoiceField(
        label=gettext_lazy("Parishes that go first"),
        choices=[
            ("", gettext_lazy("with the others")),
            ("only", gettext_lazy("only these")),
            ("without", gettext_lazy("without these")),
        ],
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )
    slugs = _make_text(
        gettext_lazy("Only these instances or parishes"),
        max_length=MOST_TYPED,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("Identifiers, one on each line. Empty: all that the choices above find."),
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Who comes first"),
        choices=CampaignOrder.choices,
        initial=CampaignOrder.SAFEST_FIRST.value,
        widget=UnfoldAdminRadioSelectWidget,
    )
    waves = _make_text(
        gettext_lazy("Sizes of the first waves"),
        max_length=200,
        initial="1, 5",
        help_text=gettext_lazy("E.g. “1, 5”: one, then five, then all the rest. Empty: all in one wave."),
    )
    limit_per_cluster = _make_number(
        gettext_lazy("How many at once on each engine"), most=MOST_AT_ONCE, initial=2, required=True
    )
    begins = forms.RegexField(
        CLOCK,
        label=pgettext_lazy("hour", "From"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs=TYPED),
        help_text=gettext_lazy("E.g. 22:00. Empty: at any hour."),
    )
    ends = forms.RegexField(
        CLOCK, label=gettext_lazy("Until"), required=False, widget=UnfoldAdminTextInputWidget(attrs=TYPED)
    )
    days = _make_checks(
        gettext_lazy("In the nights or on the days that begin on"),
        DAY_CHOICES,
        help_text=gettext_lazy("Nothing ticked: on every day."),
    )
    days_without = _make_checks(gettext_lazy("Never on"), DAY_CHOICES, initial=["sun"])
    dates_without = _make_text(
        gettext_lazy("Nor on these dates"),
        max_length=2000,
        initial="12-24..12-26",
        help_text=gettext_lazy(
            "E.g. “12-24..12-26, 2027-03-28”: month and day for every year, or one day of one year."
        ),
    )
    time_zone = _make_text(gettext_lazy("Time zone"), max_length=64, initial=DEFAULT_TIME_ZONE)
    stop_after_failures = _make_number(
        gettext_lazy("After so many failures"), most=MOST_MEMBERS, initial=3, help_text=gettext_lazy("Empty: never.")
    )
    stop_share_percent = _make_number(
        gettext_lazy("Above this share of a wave, in percent"),
        most=100,
        initial=20,
        help_text=gettext_lazy("Empty: never."),
    )
    notes = _make_text(
        gettext_lazy("Notes"), max_length=NOTES_LENGTH, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )

    def __init__(self, kind_definition: KindDefinition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        common = kind_definition.campaign_parameters or frozenset()
        self.parameters = [one for one in kind_definition.list_offered() if one.name in common and one.label]
        for parameter in self.parameters:
            self.fields[PARAMETER + parameter.name] = make_field(parameter, offer_values(parameter.name))
        if "release" in common:
            self.fields["notes_read"] = forms.BooleanField(
                label=_("I have read the notes of this release"), required=False, widget=UnfoldBooleanWidget
            )

    def clean_waves(self) -> list[dict[str, int | None]]:
        """Return the waves as a campaign keeps them."""
        sizes = [text for text in re.split(r"[\s,;]+", self.cleaned_data["waves"]) if text]
        if not all(WAVE.fullmatch(size) for size in sizes):
            raise forms.ValidationError(_("Write whole numbers, such as “1, 5”."))
        return write_waves([*map(int, sizes), None])

    def clean(self) -> dict[str, Any]:
        """Refuse hours without their end; what else is wrong is said by what reads drafts."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(values.get("begins")) != bool(values.get("ends")) and not {"begins", "ends"} & self.errors.keys():
            self.add_error("ends", _("Give both hours, or none."))
        if not self.errors:
            try:
                values["draft"] = self._read(values)
            except InvalidValue as error:
                self.add_error(self._find_field(error.params["field"]), str(error.params["reason"]))
        return values

    def get_draft(self) -> CampaignDraft:
        """Return what the form says, once it is valid."""
        draft: CampaignDraft = self.cleaned_data["draft"]
        return draft

    def list_sections(self) -> list[Section]:
        """Return the fields under their headings, in the order of the page."""
        own = [PARAMETER + parameter.name for parameter in self.parameters]
        own += ["notes_read"] if "notes_read" in self.fields else []
        told = (
            (_("What is done"), "", ["name", *own]),
            (
                _("For which instances"),
                _("Those that fit everything that is ticked."),
                ["kinds", "states", "clusters", "releases", "plans", "volunteers", "slugs"],
            ),
            (_("In which order"), "", ["order", "waves", "limit_per_cluster"]),
            (
                _("At which hours"),
                _("Only the beginning counts: what has begun goes on to its end."),
                ["begins", "ends", "days", "days_without", "dates_without", "time_zone"],
            ),
            (_("When it stops by itself"), "", ["stop_after_failures", "stop_share_percent"]),
            (_("Notes"), "", ["notes"]),
        )
        return [
            Section(title, text, [self[name] for name in names if self._is_shown(name)]) for title, text, names in told
        ]

    def _is_shown(self, name: str) -> bool:
        """Return whether there is something to choose: one engine, release or plan alone is no choice."""
        field = self.fields[name]
        choices: Any = field.choices if isinstance(field, forms.MultipleChoiceField) else ()
        return not isinstance(field, forms.MultipleChoiceField) or len(list(choices)) > 1

    def _read(self, values: dict[str, Any]) -> CampaignDraft:
        names = ("kinds", "states", "clusters", "releases", "plans")
        selection: dict[str, Any] = {name: values[name] for name in names if values[name]}
        if slugs := re.split(r"[\s,;]+", values["slugs"].strip()) if values["slugs"].strip() else []:
            selection["slugs"] = slugs
        if values["volunteers"]:
            selection["volunteers"] = values["volunteers"] == "only"
        window = {"from": values["begins"], "to": values["ends"], "days": values["days"] or list(DAYS)}
        given = {name: values.get(PARAMETER + name) for name in (one.name for one in self.parameters)}
        dates = [text for text in re.split(r"[\s,;]+", values["dates_without"]) if text]
        blackout = {"weekdays": values["days_without"], "dates": dates}
        document = {
            "parameters": {name: value for name, value in given.items() if value not in (None, "")},
            "selection": selection,
            "windows": [window] if values["begins"] else [],
            "blackout": {name: value for name, value in blackout.items() if value},
            "notes_read": bool(values.get("notes_read")),
        }
        return read_draft(document | {name: values[name] for name in SAME})

    def _find_field(self, name: str) -> str | None:
        for field in (FIELDS.get(name, name), PARAMETER + name):
            if field in self.fields:
                return field
        return None
