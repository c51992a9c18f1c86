"""Users and groups, in the administration's dress. The last active administrator stays one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civiparoisse.admin_base import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm

admin.site.index_title = _("Overview")
admin.site.unregister((User, Group))

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


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
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
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Permissions that several people share."""
