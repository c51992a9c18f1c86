"""Looks that take too long for a page; problems that stand, since when. Facts only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
