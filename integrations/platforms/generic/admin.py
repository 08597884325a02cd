from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import HistoryAdmin
from integrations.platforms.generic.models import WorkOrderFeed


@admin.register(WorkOrderFeed)
class WorkOrderFeedAdmin(HistoryAdmin):
    heading = _("Work order feeds")
