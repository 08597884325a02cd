from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import pretty_json
from integrations.events.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    heading = _("Events")
    intro = _("What happened, each fact once, numbered without gaps. Mappings answer to these.")
    empty_hint = _("Events appear when a session is joined to a work order, a photo is kept, or a work order changes.")
    list_display = ("seq", "type", "subject", "reason", "occurred", "created")
    list_display_links = ("seq", "type")
    list_filter = ("type", "reason")
    list_defer = ("payload",)
    search_fields = ("=subject", "=source_id", "=correlation_id")
    ordering = ("-pk",)
    fields = ("seq", "type", "subject", "source_type", "source_id", "reason", "occurred_at", "created_at", "told")
    readonly_fields = ("told",)

    occurred = moment_column("occurred_at", _("occurred"))
    created = moment_column("created_at", _("recorded"))

    @admin.display(description=_("facts"))
    def told(self, event: Event) -> SafeString:
        return pretty_json(event.payload)
