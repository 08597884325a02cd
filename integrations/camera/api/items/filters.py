from integrations.camera.protocol.verdicts import Status
from integrations.connections.api.filtering import Filters, before, exactly, of_subject, one_of, since, uuid
from integrations.workorders.api.filters import of_external_id

# Of an item that was judged: the other two values of a callback are never kept as its status.
STATUSES = [(each.value, each.value) for each in (Status.OK, Status.KO)]


class ItemFilter(Filters):
    work_order = of_subject("workorder", "Number of the work order.", column="order__subject")
    external_id = of_external_id(column="order__subject")
    item = uuid("uuid", "Its `item`, as a callback's `work_item_id` names it.")
    order = uuid("order__uuid", "The camera's order, as a callback's `work_order_id` names it.")
    order_name = exactly("order__name", "What the field app calls the order; exactly.", longest=128)
    site = exactly("order__site__slug", "Slug of the site.", longest=50)
    group = exactly("group__name", "Name of the type of photo; exactly.", longest=128)
    status = one_of("status", STATUSES)
    changed_since = since("changed_at")
    changed_before = before("changed_at")
