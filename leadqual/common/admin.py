from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from leadqual.common.access import Role
from leadqual.common.models import ApiToken, Organisation
from leadqual.common.names import person_name

# An address is a field of its person here; allauth's own table of them would be a second truth.
admin.site.unregister(EmailAddress)
# Its page would show the seed from which codes are made.
admin.site.unregister(Authenticator)
admin.site.unregister(User)
admin.site.unregister(Group)


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(role.value, ROLE_NAMES[role]) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


ROLE_NAMES = {
    Role.MARKETER: _("marketer"),
    Role.REP: _("sales rep"),
    Role.ADMIN: _("admin"),
}


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """People and their roles. A role is a group; single permissions are left to those who know what they do."""

    list_display = ("username", "full_name", "email", "role", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("username", "first_name", "last_name", "email")
    show_full_result_count = False
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("last_name", "first_name", "email")}),
        (_("Role"), {"fields": ("is_active", "groups", "is_staff")}),
        (_("Dates"), {"fields": ("last_login", "date_joined"), "classes": ("collapse",)}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "last_name", "first_name", "email", "password1", "password2", "groups")},
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody raises their own rights, nor those of a superuser, unless they are one."""
        fixed = list(super().get_readonly_fields(request, obj))
        own = obj is not None and obj.pk == request.user.pk
        above = obj is not None and obj.is_superuser
        if not request.user.is_superuser and (own or above):
            fixed += ["groups", "is_staff", "is_active"]
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's password and address are their own: whoever set them would be one."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are switched off, so that what they did keeps its name."""
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Marketers and admins get into the admin with their role."""
        super().save_related(request, form, formsets, change)
        inside = form.instance.groups.filter(name__in=(Role.MARKETER, Role.ADMIN)).exists()
        if inside and not form.instance.is_staff:
            form.instance.is_staff = True
            form.instance.save(update_fields=["is_staff"])

    @admin.display(description=_("name"))
    def full_name(self, user: User) -> str:
        return person_name(user)

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        names = {role.value: str(ROLE_NAMES[role]) for role in Role}
        return ", ".join(names.get(group.name, group.name) for group in user.groups.all())


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Seen, not changed: what the three groups may do comes with the product."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """The name; the time zone moves every day number and has a command of its own."""

    fields = ("name", "time_zone")
    readonly_fields = ("time_zone",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Who has keys; they are made by their owners and can be taken away here."""

    list_display = ("name", "user", "shown", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Authenticator)
class SecondFactorAdmin(admin.ModelAdmin):
    """Who has a second factor; taken away from somebody who lost the device. What it is made of is never shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    fields = ("user", "type", "created_at", "last_used_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """That of a superuser only a superuser takes away."""
        above = obj is not None and obj.user.is_superuser and not request.user.is_superuser
        return not above and bool(super().has_delete_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleting many at once would not ask each whose it is."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
