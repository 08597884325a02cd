from integrations.connections.api.filtering import Filters, before, exactly, number, of_subject, one_of, since
from integrations.core.work import WorkState


class WebhookFilter(Filters):
    state = one_of("state", WorkState.choices)
    work_order = of_subject("workorder", "Number of the work order.")
    source = number("source", "Number of the source that received it.")
    connection = exactly("source__connection__slug", "Slug of the connection.", longest=50)
    resource_type = exactly("resource_type", "What it tells of, as the platform calls it.", longest=60)
    resource_id = exactly("resource_id", longest=255)
    delivery_key = exactly("delivery_key", "The sender's own id of the delivery.", longest=255)
    correlation_id = exactly("correlation_id", longest=40)
    received_since = since("received_at")
    received_before = before("received_at")


class ReplayFilter(Filters):
    state = one_of("state", WorkState.choices)
