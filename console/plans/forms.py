"""Forms of plans and releases: sizes are typed with their unit, images and versions line by line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import UnfoldAdminTextareaWidget
from civiparoisse.size_field import SizeField
from domain.specs import CONTAINERS
from tenants.models import Plan, PlanContainer, Release
from tenants.plan_rules import VOLUMES

APACHE = (
    "max_request_workers",
    "server_limit",
    "start_servers",
    "min_spare_servers",
    "max_spare_servers",
    "max_connections_per_child",
    "listen_backlog",
)


class TextsField(forms.JSONField):
    """An object of names and texts, typed as lines «name: text»."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Return one line a pair."""
        if isinstance(value, dict):
            return "\n".join(f"{name}: {text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        """Return the object. Raise ValidationError naming the first line that is no pair."""
        texts: dict[str, str] = {}
        for line in (value or "").splitlines():
            name, separator, text = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not separator or not name or not text:
                raise ValidationError(
                    _("“%(line)s” is not of the form “name: text”."), code="invalid", params={"line": line.strip()}
                )
            if name in texts:
                raise ValidationError(_("“%(name)s” is given twice."), code="invalid", params={"name": name})
            texts[name] = text
        return texts

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 - Django's signature
        """Return what was typed."""
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the pairs differ."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Volumes with units."""

    db_volume_bytes = SizeField(label=gettext_lazy("Database volume"))
    files_volume_bytes = SizeField(label=gettext_lazy("Files volume"))
    private_volume_bytes = SizeField(label=gettext_lazy("Private files volume"))
    backups_volume_bytes = SizeField(label=gettext_lazy("Backups volume"))

    class Meta:
        model = Plan
        fields = (
            "name",
            "is_default",
            *VOLUMES,
            *APACHE,
        )


class PlanContainerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Memory with units. A new plan needs all containers: their names are there already."""

    memory_request_bytes = SizeField(label=gettext_lazy("Memory request"))
    memory_limit_bytes = SizeField(label=gettext_lazy("Memory limit"))

    class Meta:
        model = PlanContainer
        fields = (
            "container",
            "cpu_request_millicores",
            "cpu_limit_millicores",
            "memory_request_bytes",
            "memory_limit_bytes",
        )

    def has_changed(self) -> bool:
        """Return True: a container left empty is told, not forgotten."""
        return True


class PlanContainerFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The containers that the plan does not have yet are offered by name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        present = set(instance.containers.values_list("container", flat=True)) if instance and instance.pk else set()
        kwargs["initial"] = [{"container": name} for name in CONTAINERS if name not in present]
        super().__init__(*args, **kwargs)


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]
    """Images and versions as lines."""

    images = TextsField(
        label=gettext_lazy("Images"),
        required=False,
        help_text=gettext_lazy("One per line: component: registry/image:tag."),
    )
    versions = TextsField(
        label=gettext_lazy("Versions"),
        required=False,
        help_text=gettext_lazy("One per line: product: version, e.g. civicrm: 5.61.1."),
    )

    class Meta:
        model = Release
        fields = ("name", "is_default", "versions", "images")
