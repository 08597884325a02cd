from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from integrations.core.admin import ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import pretty_json
from integrations.scripts.models import ScriptLane, ScriptTimer, ScriptValue

OF_SCRIPT = ("script__secrets", "script__settings", "script__settings_schema")


@admin.register(ScriptValue)
class ScriptValueAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Script values")
    intro = gettext_lazy("What scripts remember from run to run (ctx.store).")
    empty_hint = gettext_lazy("A script that calls ctx.store.set keeps its first value here.")
    list_display = ("key", "script", "expires", "changed")
    list_filter = ("script",)
    list_select_related = ("script",)
    list_defer = ("value", *OF_SCRIPT)
    search_fields = ("key",)
    ordering = ("script__name", "key")
    fields = ("script", "key", "value_shown", "expires_at", "changed_at")
    readonly_fields = ("value_shown",)
    expires = moment_column("expires_at", gettext_lazy("expires"))
    changed = moment_column("changed_at", gettext_lazy("changed"))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_right(request, "scripts.change_script")

    @admin.display(description=gettext_lazy("value"))
    def value_shown(self, row: ScriptValue) -> SafeString:
        return pretty_json(row.value)


@admin.register(ScriptLane)
class ScriptLaneAdmin(WorkAdmin):
    heading = gettext_lazy("Script lanes")
    intro = gettext_lazy("One for each script and work order: keeps its runs in order.")
    empty_hint = gettext_lazy("The first run of a script makes its lane.")
    list_display = ("key", "script", "state_badge", "explained", "due", "attempts")
    list_filter = ("state", "script")
    list_select_related = ("script",)
    list_defer = OF_SCRIPT
    search_fields = ("key",)


@admin.register(ScriptTimer)
class ScriptTimerAdmin(WorkAdmin):
    heading = gettext_lazy("Script timers")
    intro = gettext_lazy("One for each script with a schedule: when it runs next.")
    empty_hint = gettext_lazy("A script with a schedule gets its timer when it is saved.")
    list_display = ("script", "state_badge", "explained", "due", "attempts")
    list_select_related = ("script",)
    list_defer = OF_SCRIPT
    search_fields = ("script__name",)
