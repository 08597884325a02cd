from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin, WorkAdmin
from integrations.core.generic import AnyTabularInline
from integrations.sync.models import FieldMapping, Operation, RecordLane, RecordWrite


class FieldMappingInline(AnyTabularInline):
    model = FieldMapping
    extra = 0


@admin.register(Operation)
class OperationAdmin(HistoryAdmin):
    heading = _("Mappings")
    list_display = ("name", "kind", "connection", "enabled")
    inlines = (FieldMappingInline,)


@admin.register(RecordLane)
class RecordLaneAdmin(WorkAdmin):
    heading = _("Lanes")


@admin.register(RecordWrite)
class RecordWriteAdmin(ReadOnlyAdmin):
    heading = _("Writes")
    list_display = ("__str__", "state", "verdict", "note")
