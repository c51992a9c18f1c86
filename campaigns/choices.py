"""The words of the states, reasons and orders of campaigns."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from domain import campaigns


class CampaignState(models.TextChoices):
    """The words of domain.campaigns.CampaignState."""

    PLANNED = campaigns.CampaignState.PLANNED.value, pgettext_lazy("campaign", "planned")
    RUNNING = campaigns.CampaignState.RUNNING.value, pgettext_lazy("campaign", "at work")
    PAUSED = campaigns.CampaignState.PAUSED.value, pgettext_lazy("campaign", "paused")
    CANCELLING = campaigns.CampaignState.CANCELLING.value, pgettext_lazy("campaign", "being cancelled")
    DONE = campaigns.CampaignState.DONE.value, pgettext_lazy("campaign", "done")
    CANCELLED = campaigns.CampaignState.CANCELLED.value, pgettext_lazy("campaign", "cancelled")


class MemberState(models.TextChoices):
    """The words of domain.campaigns.MemberState."""

    WAITING = campaigns.MemberState.WAITING.value, pgettext_lazy("member of a campaign", "waits for its turn")
    RUNNING = campaigns.MemberState.RUNNING.value, pgettext_lazy("member of a campaign", "at work")
    DONE = campaigns.MemberState.DONE.value, pgettext_lazy("member of a campaign", "done")
    FAILED = campaigns.MemberState.FAILED.value, pgettext_lazy("member of a campaign", "failed")
    LEFT_OUT = campaigns.MemberState.LEFT_OUT.value, pgettext_lazy("member of a campaign", "left out")
    CANCELLED = campaigns.MemberState.CANCELLED.value, pgettext_lazy("member of a campaign", "its turn never came")


class PauseReason(models.TextChoices):
    """The words of domain.campaigns.PauseReason."""

    PERSON = campaigns.PauseReason.PERSON.value, _("somebody paused it")
    FAILURES = campaigns.PauseReason.FAILURES.value, _("as many have failed as the stop rule allows")
    SHARE = campaigns.PauseReason.SHARE.value, _("a larger share of a wave has failed than the stop rule allows")
    WAVE = campaigns.PauseReason.WAVE.value, _("a whole wave has failed")


class LeftOut(models.TextChoices):
    """The words of domain.campaigns.LeftOut."""

    STATE = campaigns.LeftOut.STATE.value, _("its state does not allow it")
    KIND = campaigns.LeftOut.KIND.value, _("not for this kind of instance")
    NOTHING_TO_DO = campaigns.LeftOut.NOTHING_TO_DO.value, _("it is so already")
    DOWNGRADE = campaigns.LeftOut.DOWNGRADE.value, _("it would be a downgrade")
    HELD = campaigns.LeftOut.HELD.value, _("it is held on its release")
    RELEASE_IN_TEST = campaigns.LeftOut.RELEASE_IN_TEST.value, _("the release is in test, for sandboxes only")
    NO_RECENT_BACKUP = campaigns.LeftOut.NO_RECENT_BACKUP.value, _("it has no recent good backup")
    OTHER_CAMPAIGN = campaigns.LeftOut.OTHER_CAMPAIGN.value, _("it takes part in another campaign")
    REFUSED = campaigns.LeftOut.REFUSED.value, _("it would be refused")


class CampaignOrder(models.TextChoices):
    """The words of domain.campaigns.CampaignOrder."""

    SAFEST_FIRST = campaigns.CampaignOrder.SAFEST_FIRST.value, _("sandboxes and volunteers first, then by name")
    BY_NAME = campaigns.CampaignOrder.BY_NAME.value, _("by name")


class ReleaseState(models.TextChoices):
    """The words of domain.campaigns.ReleaseState."""

    TEST = campaigns.ReleaseState.TEST.value, _("in test, for sandboxes only")
    OFFERED = campaigns.ReleaseState.OFFERED.value, _("offered to all")
    REQUIRED = campaigns.ReleaseState.REQUIRED.value, _("required by a date")
    WITHDRAWN = campaigns.ReleaseState.WITHDRAWN.value, _("withdrawn")
