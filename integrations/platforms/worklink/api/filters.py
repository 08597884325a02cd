from integrations.connections.api.filtering import Filters, before, exactly, of_subject, one_of, since, yes_or_no
from integrations.platforms.worklink.models import LinkCheck, SessionType
from integrations.platforms.worklink.sessions.facts import COMPLETED, ENDED, INCOMPLETE, OPEN
from integrations.workorders.api.filters import of_external_id

OUTCOMES = [(name, name) for name in (OPEN, COMPLETED, INCOMPLETE, ENDED)]


class StoredFilter(Filters):
    work_order = of_subject("workorder", "Number of the work order.")
    external_id = of_external_id()
    connection = exactly("connection__slug", "Slug of the connection that it came from.", longest=50)
    resource_id = exactly("resource_id", longest=255)
    database_id = exactly("database_id", longest=64)
    state = exactly("vendor_state", "As the platform calls it; exactly.", longest=60)
    link_check = one_of("link_check", LinkCheck.choices)
    after_close = yes_or_no("after_close", "Whether its work order was closed when it began.")
    incomplete = yes_or_no("incomplete", "Whether it could be read in part only.")
    started_since = since("started_at")
    started_before = before("started_at")


class SessionFilter(StoredFilter):
    session_type = one_of("session_type", SessionType.choices)
    outcome = one_of("outcome", OUTCOMES)
    scenario_name = exactly("scenario_name", longest=300)
