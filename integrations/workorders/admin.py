from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import ReadOnlyAdmin
from integrations.workorders.models import Join, Photo


@admin.register(Join)
class JoinAdmin(ReadOnlyAdmin):
    heading = _("Unmatched")
    list_display = ("__str__", "key_read", "reason", "work_order")


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    heading = _("Photos")
    list_display = ("__str__", "work_order", "taken_at")
