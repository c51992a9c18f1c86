"""Campaigns, their members, what happened to them, and what parishes and releases say about taking part. Facts only."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.choices import CampaignOrder, CampaignState, LeftOut, MemberState, PauseReason, ReleaseState
from domain.campaigns import DEFAULT_TIME_ZONE, NAME_LENGTH, NOTES_LENGTH


def make_campaign_id() -> str:
    """Return a new public identifier, e.g. ca-3f9a1c07be."""
    return f"ca-{secrets.token_hex(5)}"


class Campaign(models.Model):
    """One kind of operation over many instances. Its state changes in moves.py alone.

    `parameters`: what every member's operation gets. `selection`: the filter as it was written (selecting.py).
    `waves`: [{"size": 1}, {"size": 5}, {"size": null}], null for the rest; each begins when the one before ended well.
    `limit_per_cluster`: so many at work at once on each engine. `windows`: [{"from": "22:00", "to": "05:00", "days":
    ["mon", …]}], empty for always; `blackout`: {"weekdays": ["sun"], "dates": ["12-24..12-26", "2026-12-31"]}; both in
    `time_zone` (windows.py). The stop rule: `stop_after_failures` members, or more than `stop_share_percent` of a wave;
    None for never. `why_paused`: PauseReason, "" when it is not.
    """

    public_id = models.CharField(_("identifier"), max_length=20, unique=True, default=make_campaign_id)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    selection = models.JSONField(_("selection"), default=dict, blank=True)
    order = models.CharField(
        _("order"), max_length=16, choices=CampaignOrder.choices, default=CampaignOrder.SAFEST_FIRST
    )
    state = models.CharField(
        _("state"), max_length=12, choices=CampaignState.choices, default=CampaignState.PLANNED, db_index=True
    )
    waves = models.JSONField(_("waves"), default=list, blank=True)
    limit_per_cluster = models.PositiveSmallIntegerField(_("at once per cluster"), default=2)
    windows = models.JSONField(_("windows"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=DEFAULT_TIME_ZONE)
    blackout = models.JSONField(_("days without"), default=dict, blank=True)
    stop_after_failures = models.PositiveIntegerField(_("stop after failures"), null=True, blank=True)
    stop_share_percent = models.PositiveSmallIntegerField(_("stop above a share (%)"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=NOTES_LENGTH, blank=True)
    created_by = models.CharField(_("created by"), max_length=150)
    why_paused = models.CharField(_("why it is paused"), max_length=12, choices=PauseReason.choices, blank=True)
    pause_note = models.CharField(_("said to the pause"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class CampaignMember(models.Model):
    """One instance of a campaign. `position`: its place among all of them, from 0; `wave`: from 0.

    `lock`: the instance's identifier until the campaign has ended, then None. Unique, so that the database itself
    refuses an instance in a second campaign. `subject`: the identifier, kept when the instance's row is gone.
    `attempt`: which of its operations, from 1. `waits_for`: the code of why its turn came and went, "" where it did
    not. `is_accepted`: somebody went on in spite of its failure, which counts for the stop rule no more.
    `closed_seconds`: how long its site was closed, None where that is not known.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="members", verbose_name=_("campaign"))
    instance = models.ForeignKey(
        "tenants.Instance",
        on_delete=models.SET_NULL,
        null=True,
        related_name="campaign_members",
        verbose_name=_("instance"),
    )
    subject = models.CharField(_("instance"), max_length=63)
    lock = models.CharField(max_length=63, null=True, unique=True, editable=False)  # noqa: DJ001 - NULLs never clash
    wave = models.PositiveSmallIntegerField(_("wave"), default=0)
    position = models.PositiveIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=10, choices=MemberState.choices, default=MemberState.WAITING)
    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.SET_NULL,
        null=True,
        related_name="campaign_members",
        verbose_name=_("operation"),
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    why_left_out = models.CharField(_("why it is left out"), max_length=20, choices=LeftOut.choices, blank=True)
    waits_for = models.CharField(_("what it waits for"), max_length=64, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    is_accepted = models.BooleanField(default=False)
    closed_seconds = models.PositiveIntegerField(_("site closed (seconds)"), null=True)
    began_at = models.DateTimeField(_("begun"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a campaign")
        verbose_name_plural = _("members of campaigns")
        ordering = ("campaign", "position")
        constraints = [
            models.UniqueConstraint(fields=("campaign", "position"), name="one_member_per_position"),
            models.UniqueConstraint(fields=("campaign", "subject"), name="one_member_per_instance"),
        ]
        indexes = [models.Index(fields=("campaign", "state", "wave"), name="member_by_state")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.position} {self.subject}"


class CampaignEvent(models.Model):
    """One line of what happened to a campaign; rows are only added. `who`: an account, or "" for the manager.
    `what`: a move (domain.campaigns), or "created", "wave", "reported"."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="events", verbose_name=_("campaign"))
    at = models.DateTimeField(_("at"))
    who = models.CharField(_("by"), max_length=150, blank=True)
    what = models.CharField(_("what"), max_length=20)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("event of a campaign")
        verbose_name_plural = _("events of campaigns")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.what}"


class InstanceHold(models.Model):
    """That an instance stays on its release: no campaign upgrades it. `until`: the last day; None for no end."""

    instance = models.OneToOneField(
        "tenants.Instance", on_delete=models.CASCADE, related_name="hold", verbose_name=_("instance")
    )
    reason = models.CharField(_("reason"), max_length=300)
    until = models.DateField(_("until"), null=True, blank=True)
    created_by = models.CharField(_("recorded by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("instance held on its release")
        verbose_name_plural = _("instances held on their release")
        ordering = ("instance",)

    def __str__(self) -> str:
        return str(self.instance)


class Volunteer(models.Model):
    """A parish that takes part before others do."""

    tenant = models.OneToOneField(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="volunteer", verbose_name=_("parish")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = models.CharField(_("recorded by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("parish that goes first")
        verbose_name_plural = _("parishes that go first")
        ordering = ("tenant",)

    def __str__(self) -> str:
        return str(self.tenant)


class ReleaseStanding(models.Model):
    """What a release is for; a release without such a row is offered to all. `required_by`: of state required.
    `notes`: what whoever brings everybody to it must have read."""

    release = models.OneToOneField(
        "tenants.Release", on_delete=models.CASCADE, related_name="standing", verbose_name=_("release")
    )
    state = models.CharField(_("state"), max_length=10, choices=ReleaseState.choices, default=ReleaseState.OFFERED)
    required_by = models.DateField(_("required by"), null=True, blank=True)
    notes = models.TextField(_("release notes"), max_length=20_000, blank=True)

    class Meta:
        verbose_name = _("standing of a release")
        verbose_name_plural = _("standings of releases")
        ordering = ("release",)

    def __str__(self) -> str:
        return f"{self.release} – {self.get_state_display()}"
