"""Looks that take too long for a page; problems that stand, since when. Facts only; who is told: notice_models.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.findings import Level
from watch.notice_models import Message, MessageKind, Recipient, RecipientKind

__all__ = ["Look", "Message", "MessageKind", "Problem", "Recipient", "RecipientKind", "Sighting"]


LEVELS = [(Level.CRITICAL.value, _("critical")), (Level.WARNING.value, _("warning"))]


class Sighting(models.Model):
    """The last look at one engine, or, with an empty `engine`, at what is paid for and not used.

    `document`: see watch/sightings.py. No look is kept but the last.
    """

    engine = models.CharField(_("engine"), max_length=63, unique=True, blank=True)
    at = models.DateTimeField(_("at"))
    document = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("look at an engine")
        verbose_name_plural = _("looks at engines")
        ordering = ("engine",)

    def __str__(self) -> str:
        return self.engine


class Look(models.Model):
    """Work that is done again and again, by one worker at a time: a source of checks, the messages of a recipient.

    `looked_at`: when it was last done to its end. `held_until`: a worker is at it until then at most; None when nobody.
    """

    source = models.CharField(_("work"), max_length=40, unique=True)
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering = ("source",)

    def __str__(self) -> str:
        return self.source


class Problem(models.Model):
    """One thing that is wrong with one subject, from the look that saw it first to the one that saw it no more.

    `check_code`: of watch/catalogue.py; `subject`: an instance's identifier, an engine, a cluster, a parish's slug, or
    "" for the service as a whole. `open_key`: both, while it stands; unique, so that it cannot stand twice; None when
    it has ended. `tenant`: the parish's slug, "" when it is of none. `title`, `hint`: as told, in the language
    of the service. `announced_at`: when its beginning was told, None while it was not; `reminded_at`: when it was last
    told at all; `closed_at`: when its end was told, or needed not be. `acknowledged_until`: nobody is reminded until.
    """

    check_code = models.CharField(_("check"), max_length=40, db_index=True)
    subject = models.CharField(_("subject"), max_length=253, blank=True)
    open_key = models.CharField(max_length=300, unique=True, null=True, editable=False)  # noqa: DJ001 - NULLs never clash
    tenant = models.CharField(_("parish"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=LEVELS)
    title = models.CharField(_("what is wrong"), max_length=400)
    hint = models.TextField(_("what to do"), blank=True)
    link = models.CharField(max_length=400, blank=True)
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, db_index=True)
    announced_at = models.DateTimeField(_("told"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("last told"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    acknowledged_until = models.DateTimeField(_("acknowledged until"), null=True, blank=True)
    acknowledged_by = models.CharField(_("acknowledged by"), max_length=150, blank=True)
    acknowledged_why = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        ordering = ("-since", "-pk")

    def __str__(self) -> str:
        return f"{self.check_code} {self.subject}".strip()


def make_open_key(code: str, subject: str) -> str:
    """Return what names a problem that stands."""
    return f"{code}:{subject}"
