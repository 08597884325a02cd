"""What of a workspace is shown of scripts: without secrets, and in lists without large columns."""

from django.db.models import QuerySet

from integrations.scripts.models import Script, ScriptRun
from integrations.sync.api.serializers import LARGE as LARGE_OF_WRITES
from integrations.sync.api.views import OWN as OF_WRITES
from integrations.sync.api.views import RELATED
from integrations.sync.models import RecordWrite
from integrations.workorders.models import Join, Photo, WorkOrder

WITH_ONE = ("logs", "result", "error")
LARGE = ("input", *WITH_ONE)
OF_RUN = tuple(field.name for field in ScriptRun._meta.concrete_fields if field.name not in LARGE)
OF_OTHERS = ("script__slug", "version__number")
OF_SCRIPT = ("slug", "name", "about", "enabled", "event_types", "cron", "time_zone", "changed_at")


def runs(workspace_id: int) -> QuerySet[ScriptRun]:
    rows = ScriptRun.objects.filter(script__workspace=workspace_id).select_related("script", "version")
    return rows.only(*OF_RUN, *OF_OTHERS)


def scripts(workspace_id: int) -> QuerySet[Script]:
    rows = Script.objects.filter(workspace=workspace_id).select_related("active_version")
    return rows.only(*OF_SCRIPT, "active_version__number")


def writes(run: ScriptRun) -> QuerySet[RecordWrite]:
    """Return what a run asked to be written, before its replays too."""
    rows = RecordWrite.objects.filter(origin__in=run.origins, ordinal__isnull=False).order_by("pk")
    shown = (name for name in OF_WRITES if name not in LARGE_OF_WRITES)
    return rows.select_related("lane__connection", "operation").only(*shown, *RELATED)


def has_source(source_type: str, source_id: str, *, workspace_id: int) -> bool:
    """Say whether a workspace has it. `source_id`: digits. Every source has a join but orders and photos."""
    if source_type == "workorder":
        return WorkOrder.objects.filter(workspace=workspace_id, pk=source_id).exists()
    if source_type == "photo":
        return Photo.objects.filter(workspace=workspace_id, pk=source_id).exists()
    return Join.objects.filter(workspace=workspace_id, source_type=source_type, source_id=source_id).exists()
