"""Users and groups, in the administration's dress. The last active administrator stays one."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from civiparoisse.admin_base import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm
from operations.permissions import OPEN_TOOLS, RESTORE_BACKUP
from operations.role_groups import list_roles
from operations.roles import GROUP_PREFIX, UNASKED, begins_as_role, find_role
from parish_requests.deciding import APPROVE

admin.site.index_title = _("Overview")
admin.site.unregister((User, Group))

# What may be done with rows, by the beginning of a permission's codename.
ACTIONS: dict[str, Any] = {
    "add": _("may add"),
    "change": _("may change"),
    "delete": _("may delete"),
    "view": _("may look at"),
}
# Permissions that are not about a kind of row, by "app.codename".
OWN_PERMISSIONS: dict[str, Any] = {
    RESTORE_BACKUP: _("may be restored over what is there"),
    APPROVE: _("may be decided on"),
    OPEN_TOOLS: _("may open the tools of an instance"),
}
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


def word_permission(row: Permission) -> str:
    """Return the part of the manager, the kind of row, and what may be done with it."""
    model = row.content_type.model_class()
    action, _separator, _name = row.codename.partition("_")
    if model is None:
        return str(row.codename)
    part = apps.get_app_config(row.content_type.app_label).verbose_name
    what = OWN_PERMISSIONS.get(f"{row.content_type.app_label}.{row.codename}") or ACTIONS.get(action, row.codename)
    return f"{part} | {model._meta.verbose_name} | {what}"


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """Permissions, worded as the rest of the page; what no page or address asks for is not offered."""

    def __init__(self, **kwargs: Any) -> None:
        rows = Permission.objects.exclude(content_type__app_label__in=UNASKED).select_related("content_type")
        super().__init__(**{**kwargs, "queryset": rows})

    def label_from_instance(self, row: Any) -> str:
        """Return the part of the manager, the kind of row, and what may be done with it."""
        return word_permission(row)


class GroupsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """Groups; the shipped roles among them by what they are called in the active language."""

    def label_from_instance(self, row: Any) -> str:
        """Return the role and what it may do, or the group's own name."""
        role = find_role(row.name)
        return row.name if role is None else f"{role.label} – {role.summary}"


class WithPermissions:
    """An administration page of accounts or groups: its permissions in words, and no list of each on deletion."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field, for permissions our own."""
        if db_field.name in ("permissions", "user_permissions"):
            kwargs["form_class"] = PermissionsField
        if db_field.name == "groups":
            kwargs["form_class"] = GroupsField
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
    list_display = (
        "username",
        "show_roles",
        "email",
        "first_name",
        "last_name",
        "is_active",
        "is_superuser",
        "last_login",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the accounts with their groups."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def show_roles(self, user: User) -> str:
        """Return the shipped roles of an account."""
        return ", ".join(str(role.label) for role in list_roles(user)) or "–"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        """Return what goes with these accounts; the last administrator is told as protected, and stays."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if leaves_no_administrator([user.pk for user in objs]):
            protected = [*protected, str(LAST_ADMINISTRATOR)]
        return shown, counts, lacking, protected


def is_role(group: Group | None) -> bool:
    """Return whether a group is a role that the product keeps."""
    return group is not None and find_role(group.name) is not None


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A group that people make."""

    def clean_name(self) -> str:
        """Refuse a name that only the product gives."""
        name: str = self.cleaned_data["name"]
        if begins_as_role(name):
            told = _("Names that begin with “%(prefix)s” are those of the shipped roles.")
            raise forms.ValidationError(told % {"prefix": GROUP_PREFIX.strip()})
        return name


@admin.register(Group)
class GroupAdmin(WithPermissions, DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Permissions that several people share. The shipped roles are kept by the product, and only looked at."""

    list_display = ("name", "show_role")
    form = GroupForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what a page has: of a role what it is and may do, in words."""
        return ("show_role", "show_permissions") if is_role(obj) else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is only looked at."""
        return ("show_role", "show_permissions") if is_role(obj) else super().get_readonly_fields(request, obj)

    @admin.display(description=_("permissions"))
    def show_permissions(self, group: Group) -> str:
        """Return what a role may do, a line each."""
        rows = group.permissions.select_related("content_type")
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in sorted(map(word_permission, rows))))

    @admin.display(description=_("role"))
    def show_role(self, group: Group) -> str:
        """Return the role that the group is, and what it may do."""
        role = find_role(group.name)
        return "–" if role is None else f"{role.label} – {role.summary}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether a group may be changed: a role may not."""
        return not is_role(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether a group may be deleted: a role may not."""
        return not is_role(obj) and bool(super().has_delete_permission(request, obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        """Return what goes with these groups; roles are told as protected, and stay."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        roles = [str(role.label) for role in map(find_role, [group.name for group in objs]) if role is not None]
        return shown, counts, lacking, [*protected, *roles]
