from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import ReadOnlyAdmin, WorkAdmin
from integrations.platforms.worklink.models import CallSession, PhotoDownload, Reconciliation, ScenarioSession


@admin.register(ScenarioSession)
class ScenarioSessionAdmin(ReadOnlyAdmin):
    heading = _("Sessions")


@admin.register(CallSession)
class CallSessionAdmin(ReadOnlyAdmin):
    heading = _("Calls")


@admin.register(PhotoDownload)
class PhotoDownloadAdmin(WorkAdmin):
    heading = _("Photo downloads")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    heading = _("Reconciliation")
