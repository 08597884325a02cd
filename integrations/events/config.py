"""What of events an admin configures for a whole workspace: its policy."""

from collections.abc import Sequence
from typing import Any, cast

from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.events.models import EventPolicy
from integrations.events.services.changing import changed


class Policies(Section):
    name, model, key = "event_policies", EventPolicy, ("workspace",)
    parts = columns(EventPolicy, "deleted_profile", "mask_credentials", "open_images", "websocket_auth")

    def save(self, row: Any, fields: Sequence[str]) -> None:
        super().save(row, fields)
        changed(cast(int, row.workspace_id))

    def remove(self, row: Any) -> None:
        super().remove(row)
        changed(cast(int, row.workspace_id))


def register_sections() -> None:
    register(Policies())
