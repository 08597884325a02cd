from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import ReadOnlyAdmin
from integrations.workorders.models import WorkOrder


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    heading = _("Work orders")
    list_display = ("__str__", "title", "status")
