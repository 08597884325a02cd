"""What of this platform an admin configures: how work orders come from a system of record."""

from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.platforms.generic.models import WorkOrderFeed


class WorkOrderFeeds(Section):
    name, model, key = "work_order_feeds", WorkOrderFeed, ("connection",)
    parts = (
        *columns(WorkOrderFeed, "items", "external_id", "fields", "poll_path", "poll_document", "poll_next"),
        *columns(WorkOrderFeed, "poll_minutes", "overlap_minutes", "first_days"),
    )


def register_sections() -> None:
    register(WorkOrderFeeds())
