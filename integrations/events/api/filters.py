from integrations.connections.api.filtering import Filters, before, one_of, since
from integrations.events.models import EndpointType


class EndpointFilters(Filters):
    type = one_of("type", EndpointType.choices)
    created_since = since("created_at")
    created_before = before("created_at")


class FilterFilters(Filters):
    modified_since = since("modified_at")
    modified_before = before("modified_at")
