"""What is sent with a new campaign, and with what is done to one."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.resources.request_bodies import LINES
from api.serializers import FlagField, StrictSerializer, TextField
from campaigns.choices import CampaignOrder
from campaigns.drafts import list_campaign_kinds
from campaigns.selecting import SELECTABLE_KINDS, SELECTABLE_STATES
from campaigns.steering import REASON_LENGTH
from campaigns.windows import DAYS
from civiparoisse.document_fields import OBJECT
from domain.campaigns import (
    MOST_AT_ONCE,
    MOST_BLACKOUT_DATES,
    MOST_MEMBERS,
    MOST_WAVES,
    MOST_WINDOWS,
    NAME_LENGTH,
    NOTES_LENGTH,
)

# A body of the largest size that is read holds no more.
MOST_NAMED = 2000
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
DATE = r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}"


def _list_texts(length: int) -> serializers.ListField:
    child = TextField(max_length=length)
    return serializers.ListField(child=child, min_length=1, max_length=MOST_NAMED, required=False)


def _list_choices(values: tuple[str, ...]) -> serializers.ListField:
    child = serializers.ChoiceField(choices=values)
    return serializers.ListField(child=child, min_length=1, max_length=len(values), required=False)


def _number(most: int, **options: bool) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=most, required=False, **options)


@extend_schema_field(OBJECT)
class ParametersField(serializers.DictField):
    """Parameters of a kind of operation by name; which there are, its declaration says."""


class SelectionBody(StrictSerializer):
    """Each: only these; all without. `slugs`: identifiers of instances, or sub-domains of parishes. `volunteers`: only
    the parishes that go first, or none of them."""

    states = _list_choices(SELECTABLE_STATES)
    kinds = _list_choices(SELECTABLE_KINDS)
    clusters = _list_texts(63)
    releases = _list_texts(63)
    plans = _list_texts(63)
    slugs = _list_texts(63)
    volunteers = FlagField(required=False, allow_null=True)


class WaveBody(StrictSerializer):
    """How many a wave takes; null for the rest, in the last one."""

    size = serializers.IntegerField(min_value=1, max_value=MOST_MEMBERS, allow_null=True)


class BlackoutBody(StrictSerializer):
    """Days on which nothing begins. `dates`: "12-24..12-26" for every year, "2026-12-31" for one."""

    weekdays = _list_choices(DAYS)
    dates = serializers.ListField(
        child=TextField(pattern=rf"{DATE}(\.\.{DATE})?", max_length=22), max_length=MOST_BLACKOUT_DATES, required=False
    )


# "from" is no name that a class can have.
WindowBody: type[StrictSerializer] = type(
    "WindowBody",
    (StrictSerializer,),
    {
        "__doc__": "Hours in which operations may begin; `days`: of the beginning, every day without.",
        "__module__": __name__,
        "from": TextField(pattern=CLOCK, max_length=5),
        "to": TextField(pattern=CLOCK, max_length=5),
        "days": _list_choices(DAYS),
    },
)


class NewCampaignBody(StrictSerializer):
    """A campaign to record; what is not given has its default. `waves`: what they leave over is the last one.
    `notes_read`: that the notes of the release were read, which an upgrade takes where there are some."""

    name = TextField(max_length=NAME_LENGTH)
    kind = serializers.ChoiceField(choices=[kind.code for kind in list_campaign_kinds()])
    parameters = ParametersField(required=False)
    selection = SelectionBody(required=False)
    order = serializers.ChoiceField(choices=CampaignOrder.values, required=False)
    waves = serializers.ListField(child=WaveBody(), min_length=1, max_length=MOST_WAVES, required=False)
    limit_per_cluster = _number(MOST_AT_ONCE)
    windows = serializers.ListField(child=WindowBody(), max_length=MOST_WINDOWS, required=False)
    time_zone = TextField(max_length=64, required=False)
    blackout = BlackoutBody(required=False)
    stop_after_failures = _number(MOST_MEMBERS, allow_null=True)
    stop_share_percent = _number(100, allow_null=True)
    notes = TextField(max_length=NOTES_LENGTH, pattern=LINES, required=False)
    notes_read = FlagField(required=False)


class PauseBody(StrictSerializer):
    """Why, for those who read it later."""

    reason = TextField(max_length=REASON_LENGTH, required=False)


class NotesBody(StrictSerializer):
    """The notes as they shall be."""

    notes = TextField(max_length=NOTES_LENGTH, pattern=LINES)
