from integrations.connections.api.filtering import Filters, before, exactly, of_subject, one_of, since
from integrations.sync.models import Verdict, WriteKind, WriteState
from integrations.workorders.api.filters import of_external_id


class WriteFilter(Filters):
    state = one_of("state", WriteState.choices)
    verdict = one_of("verdict", Verdict.choices)
    kind = one_of("kind", WriteKind.choices)
    work_order = of_subject("workorder", "Number of the work order.")
    external_id = of_external_id()
    system = exactly("lane__connection__slug", "Slug of the connection that is written to.", longest=50)
    record = exactly("lane__record_key", "What that system calls the record; exactly.")
    operation = exactly("operation__name", "Name of the mapping; exactly.", longest=100)
    origin = exactly("origin", "What asked for it, such as a script's run.", longest=80)
    source_type = exactly("source_type", "What it comes from, as `source_type` says.", longest=60)
    source_id = exactly("source_id", "The number of that, as text.", longest=64)
    correlation_id = exactly("correlation_id", longest=40)
    created_since = since("created_at")
    created_before = before("created_at")
