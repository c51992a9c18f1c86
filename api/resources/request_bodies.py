"""What is sent with a request of a parish, and with each decision on one."""

from rest_framework import serializers

from api.serializers import FlagField, StrictSerializer, TextField
from offsite.downloads import RECIPIENT
from parish_requests.choices import Cause, RequestScope, Wish
from parish_requests.sets import PART_LENGTH
from parish_requests.wording import CHANNEL_LENGTH, REFERENCE_LENGTH, TEXT_LENGTH, WHY_LENGTH

# Lines and tabs, and no other control character.
LINES = r"[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*"
WISHES = [(value, label) for value, label in Wish.choices if value != Wish.UNDO]


class NewRequestBody(StrictSerializer):
    """`instance`: the parish's site; `backup`: the moment's set; `part`: "tree/path" of scope part; `contact`: the
    address of the contact who asked, if it was one; `channel`: how it was asked, e.g. "by telephone, by Mrs Weiss".
    A download needs a contact; `recipient`: the public half of an age key of that contact, else one is made for it."""

    instance = TextField(max_length=63)
    wish = serializers.ChoiceField(choices=WISHES)
    cause = serializers.ChoiceField(choices=Cause.choices, required=False)
    scope = serializers.ChoiceField(choices=RequestScope.choices, required=False)
    part = TextField(max_length=PART_LENGTH, required=False)
    backup = TextField(max_length=63, required=False)
    why = TextField(max_length=WHY_LENGTH, pattern=LINES, required=False)
    contact = TextField(max_length=254, required=False)
    channel = TextField(max_length=CHANNEL_LENGTH)
    recipient = TextField(max_length=62, pattern=RECIPIENT.pattern, required=False)
    external_reference = TextField(max_length=REFERENCE_LENGTH, required=False)


class UndoBody(StrictSerializer):
    """Why, and how it was asked."""

    why = TextField(max_length=WHY_LENGTH, pattern=LINES, required=False)
    channel = TextField(max_length=CHANNEL_LENGTH)
    external_reference = TextField(max_length=REFERENCE_LENGTH, required=False)


class ApprovalBody(StrictSerializer):
    """`preview_sha256`: of the preview that was looked at, so that nothing else is approved; `not_before`: when it
    shall begin, at once without it."""

    preview_sha256 = TextField(max_length=64, pattern="[0-9a-f]{64}")
    not_before = serializers.DateTimeField(required=False)


class SaidBody(StrictSerializer):
    """What is said with it; the parish reads it."""

    text = TextField(max_length=TEXT_LENGTH, pattern=LINES)


class NewContactBody(StrictSerializer):
    """`tenant`: the parish's sub-domain. The address is confirmed by a mail."""

    tenant = TextField(max_length=40)
    name = TextField(max_length=80)
    mail = TextField(max_length=254)
    may_ask = FlagField(required=False)
    is_informed = FlagField(required=False)


class ContactBody(StrictSerializer):
    """What may change of a contact; another address is another contact."""

    name = TextField(max_length=80, required=False)
    may_ask = FlagField(required=False)
    is_informed = FlagField(required=False)
