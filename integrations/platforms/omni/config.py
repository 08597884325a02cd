"""What of this platform an admin configures beside its connections: rules by which recognitions join work orders."""

from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.platforms.omni.models import JoinRule


class JoinRules(Section):
    name, model, key = "recognition_rules", JoinRule, ("workspace", "name")
    parts = (*columns(JoinRule, "enabled", "cameras", "event_types", "asset", "site", "window", "minutes_around"),)


def register_sections() -> None:
    register(JoinRules())
