from integrations.connections.api.filtering import Filters, before, exactly, of_subject, one_of, since, yes_or_no
from integrations.scripts.models import RunState, Trigger
from integrations.workorders.api.filters import of_external_id


class RunFilter(Filters):
    state = one_of("state", RunState.choices)
    trigger = one_of("trigger", Trigger.choices)
    script = exactly("script__slug", "Slug of the script.", longest=50)
    work_order = of_subject("workorder", "Number of the work order.")
    external_id = of_external_id()
    source_type = exactly("source_type", "What it is about, as `source_type` says.", longest=60)
    source_id = exactly("source_id", "The number of that, as text.", longest=64)
    correlation_id = exactly("correlation_id", longest=40)
    created_since = since("created_at")
    created_before = before("created_at")


class ScriptFilter(Filters):
    enabled = yes_or_no("enabled", "Whether it is switched on.")
