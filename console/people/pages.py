"""Users and groups, in the administration's dress. The last active administrator stays one."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from civiparoisse.admin_base import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm

admin.site.index_title = _("Overview")
admin.site.unregister((User, Group))

# What may be done with rows, by the beginning of a permission's codename.
ACTIONS = {"add": _("may add"), "change": _("may change"), "delete": _("may delete"), "view": _("may look at")}
ACTIONS["open"] = _("may open the tools of an instance")
# Apps whose rows have no page and no address.
UNASKED = ("admin", "axes", "contenttypes", "sessions")
LAST_ADMINISTRATOR = _("This is the last active administrator: nobody could manage accounts any more.")


def leaves_no_administrator(users: Any) -> bool:
    """Return whether without `users` (primary keys) no active administrator would be left, and there is one now."""
    administrators = User.objects.filter(is_active=True, is_superuser=True)
    return administrators.filter(pk__in=users).exists() and not administrators.exclude(pk__in=users).exists()


class AccountForm(UserChangeForm):  # type: ignore[misc]
    """An account; the last administrator cannot be switched off or lose that rank."""

    def clean(self) -> dict[str, Any]:
        """Refuse to leave no administrator."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        keeps = values.get("is_active", True) and values.get("is_superuser", True)
        if not keeps and leaves_no_administrator([self.instance.pk]):
            raise forms.ValidationError(LAST_ADMINISTRATOR, code="last_administrator")
        return values


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Permissions, worded as the rest of the page; what no page or address asks for is not offered."""

    def __init__(self, **kwargs: Any) -> None:
        rows = Permission.objects.exclude(content_type__app_label__in=UNASKED).select_related("content_type")
        super().__init__(**{**kwargs, "queryset": rows})

    def label_from_instance(self, row: Any) -> str:
        """Return the part of the manager, the kind of row, and what may be done with it."""
        model = row.content_type.model_class()
        action, _separator, _name = row.codename.partition("_")
        if model is None:
            return str(row.codename)
        part = apps.get_app_config(row.content_type.app_label).verbose_name
        return f"{part} | {model._meta.verbose_name} | {ACTIONS.get(action, row.codename)}"


class WithPermissions:
    """An administration page of accounts or groups: its permissions in words, and no list of each on deletion."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field, for permissions our own."""
        if db_field.name in ("permissions", "user_permissions"):
            kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        """Return what goes with these rows; which permissions they had is no loss of its own."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        tables = {
            str(model._meta.verbose_name_plural) for model in (User.user_permissions.through, Group.permissions.through)
        }
        kept = {name: count for name, count in counts.items() if str(name) not in tables}
        return _leave_out(shown), kept, lacking, protected


def _leave_out(shown: list[Any]) -> list[Any]:
    """Return the lists of what is deleted, without the rows that join an account or group to a permission."""
    tables = (User.user_permissions.through, Group.permissions.through)
    names = tuple(f"{capfirst(table._meta.verbose_name)}: " for table in tables)
    lists = (_leave_out(one) if isinstance(one, list) else one for one in shown)
    return [one for one in lists if one != [] and not str(one).startswith(names)]


@admin.register(User)
class UserAdmin(WithPermissions, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """The people who may come in."""

    form = AccountForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    readonly_fields = ("last_login", "date_joined")  # facts, which nobody corrects
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        """Return what goes with these accounts; the last administrator is told as protected, and stays."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if leaves_no_administrator([user.pk for user in objs]):
            protected = [*protected, str(LAST_ADMINISTRATOR)]
        return shown, counts, lacking, protected


@admin.register(Group)
class GroupAdmin(WithPermissions, DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Permissions that several people share."""
