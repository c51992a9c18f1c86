"""What a plan and a release may say. The database holds the rules; forms show their texts."""

from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from domain.specs import CONTAINERS, IMAGE_ROLES

VOLUMES = ("db_volume_bytes", "files_volume_bytes", "private_volume_bytes", "backups_volume_bytes")
COUNTS = (
    "max_request_workers",
    "server_limit",
    "start_servers",
    "min_spare_servers",
    "max_spare_servers",
    "listen_backlog",
)

# max_connections_per_child may be 0: Apache's "never".
PLAN_RULES: list[BaseConstraint] = [
    CheckConstraint(
        condition=Q(**{f"{name}__gt": 0 for name in VOLUMES}),
        name="plan_volumes_hold_something",
        violation_error_message=_("Every volume needs a size."),
    ),
    CheckConstraint(
        condition=Q(**{f"{name}__gt": 0 for name in COUNTS}),
        name="plan_counts_are_positive",
        violation_error_message=_("Apache's numbers must be at least 1 (MaxConnectionsPerChild may be 0)."),
    ),
    CheckConstraint(
        condition=Q(max_request_workers__lte=F("server_limit"), start_servers__lte=F("server_limit")),
        name="plan_workers_within_limit",
        violation_error_message=_("MaxRequestWorkers and StartServers must not exceed ServerLimit."),
    ),
    CheckConstraint(
        condition=Q(min_spare_servers__lte=F("max_spare_servers")),
        name="plan_spare_servers_in_order",
        violation_error_message=_("MinSpareServers must not exceed MaxSpareServers."),
    ),
]
CONTAINER_RULES: list[BaseConstraint] = [
    CheckConstraint(
        condition=Q(container__in=CONTAINERS),
        name="container_is_known",
        violation_error_message=_("There is no such container."),
    ),
    CheckConstraint(
        condition=Q(cpu_request_millicores__gt=0, memory_request_bytes__gt=0),
        name="container_requests_are_positive",
        violation_error_message=_("A container needs some CPU and some memory."),
    ),
    CheckConstraint(
        condition=Q(
            cpu_limit_millicores__gte=F("cpu_request_millicores"), memory_limit_bytes__gte=F("memory_request_bytes")
        ),
        name="container_limits_hold_requests",
        violation_error_message=_("A limit must not be lower than its request."),
    ),
]


def validate_texts(value: object) -> None:
    """Raise ValidationError unless `value` is an object whose names and values are texts, none empty."""
    fine = isinstance(value, dict) and all(
        isinstance(text, str) and text and text.isprintable() for pair in value.items() for text in pair
    )
    if not fine:
        raise ValidationError(_('Give an object of names and texts, e.g. {"db": "registry/image:tag"}.'))


def validate_images(value: object) -> None:
    """Raise ValidationError unless `value` names images by their role: any other name would change nothing."""
    validate_texts(value)
    assert isinstance(value, dict)
    if unknown := sorted(set(value) - set(IMAGE_ROLES)):
        names = {"unknown": ", ".join(unknown), "roles": ", ".join(IMAGE_ROLES)}
        raise ValidationError(_("There is no image %(unknown)s; the roles are: %(roles)s.") % names)
