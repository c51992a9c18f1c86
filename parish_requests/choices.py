"""The words of what a parish asks for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from domain import parish_requests


class Wish(models.TextChoices):
    """The words of domain.parish_requests.Wish."""

    RESTORE = parish_requests.Wish.RESTORE.value, _("go back to an earlier moment")
    SHOW_FIRST = parish_requests.Wish.SHOW_FIRST.value, _("be shown an earlier moment first")
    PRACTICE = parish_requests.Wish.PRACTICE.value, _("a copy to practise on")
    BACKUP = parish_requests.Wish.BACKUP.value, _("a backup now")
    DOWNLOAD = parish_requests.Wish.DOWNLOAD.value, _("their data as a file")
    HELP = parish_requests.Wish.HELP.value, _("help")
    UNDO = parish_requests.Wish.UNDO.value, _("undo a restore")


class Cause(models.TextChoices):
    """The words of domain.parish_requests.Cause."""

    DELETED = parish_requests.Cause.DELETED.value, _("something was deleted by mistake")
    IMPORT = parish_requests.Cause.IMPORT.value, _("an import went wrong")
    BROKEN = parish_requests.Cause.BROKEN.value, _("the site does not work any more")
    OTHER = parish_requests.Cause.OTHER.value, _("something else")


class RequestScope(models.TextChoices):
    """The words of domain.parish_requests.RequestScope."""

    EVERYTHING = parish_requests.RequestScope.EVERYTHING.value, _("everything")
    DATA = parish_requests.RequestScope.DATA.value, _("the data only")
    FILES = parish_requests.RequestScope.FILES.value, _("the files only")
    PART = parish_requests.RequestScope.PART.value, _("one file or folder")


class RequestState(models.TextChoices):
    """The words of domain.parish_requests.RequestState."""

    DRAFT = parish_requests.RequestState.DRAFT.value, _("not sent yet")
    SUBMITTED = parish_requests.RequestState.SUBMITTED.value, _("waits for an answer of UEPAL")
    QUESTION = parish_requests.RequestState.QUESTION.value, _("UEPAL has asked something back")
    APPROVED = parish_requests.RequestState.APPROVED.value, _("approved")
    SCHEDULED = parish_requests.RequestState.SCHEDULED.value, _("approved, begins later")
    RUNNING = parish_requests.RequestState.RUNNING.value, _("is being done")
    DONE = parish_requests.RequestState.DONE.value, _("done")
    UNDONE = parish_requests.RequestState.UNDONE.value, _("done and undone")
    REFUSED = parish_requests.RequestState.REFUSED.value, _("refused")
    EXPIRED = parish_requests.RequestState.EXPIRED.value, _("ended unanswered")
    WITHDRAWN = parish_requests.RequestState.WITHDRAWN.value, _("withdrawn")
    FAILED = parish_requests.RequestState.FAILED.value, _("has failed")


class ActorKind(models.TextChoices):
    """Who did something with a request."""

    CONTACT = "contact", _("the parish")
    STAFF = "staff", _("UEPAL")
    MANAGER = "manager", _("the manager")
