from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.events.models import Agent, Camera, Profile, Watchlist

HINT = _("The platform's connection fills this list. Events of what is not listed are taken, with its bare id.")


class _DirectoryAdmin(ReadOnlyAdmin):
    empty_hint = HINT
    list_select_related = ("workspace",)
    search_fields = ("title",)
    ordering = ("title", "pk")
    changed = moment_column("changed_at", _("changed"))


@admin.register(Camera)
class CameraAdmin(_DirectoryAdmin):
    heading = _("Cameras")
    list_display = ("__str__", "uuid", "type", "agent_id", "changed", "workspace")
    list_defer = ("stream",)
    fields = ("title", "uuid", "type", "real_name", "width", "height", "agent_id", "workspace")


@admin.register(Agent)
class AgentAdmin(_DirectoryAdmin):
    heading = _("Agents")
    list_display = ("__str__", "uuid", "changed", "workspace")
    fields = ("title", "uuid", "workspace")


@admin.register(Watchlist)
class WatchlistAdmin(_DirectoryAdmin):
    heading = _("Watchlists")
    list_display = ("__str__", "uuid", "color", "changed", "workspace")
    fields = ("title", "uuid", "color", "workspace")


@admin.register(Profile)
class ProfileAdmin(_DirectoryAdmin):
    heading = _("Profiles")
    intro = _("Known persons. Of a deleted one, for a day, only the id and its last watchlists are left.")
    list_display = ("__str__", "uuid", "deleted", "changed", "workspace")
    list_defer = ("tombstone",)
    fields = ("title", "uuid", "age", "gender", "watchlists", "deleted_at", "workspace")
    deleted = moment_column("deleted_at", _("deleted"))
