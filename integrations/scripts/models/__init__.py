"""Integration scripts: what is configured, what ran, what scripts remember."""

from integrations.scripts.models.definition import (
    BatchBy,
    ImmutableVersion,
    Script,
    ScriptGrant,
    ScriptVersion,
)
from integrations.scripts.models.memory import ScriptValue
from integrations.scripts.models.running import (
    DRAIN_TASK,
    TIMER_TASK,
    RunEvent,
    RunState,
    ScriptCall,
    ScriptLane,
    ScriptLaneQuerySet,
    ScriptRun,
    ScriptRunQuerySet,
    ScriptTimer,
    Trigger,
)

__all__ = [
    "DRAIN_TASK",
    "TIMER_TASK",
    "BatchBy",
    "ImmutableVersion",
    "RunEvent",
    "RunState",
    "Script",
    "ScriptCall",
    "ScriptGrant",
    "ScriptLane",
    "ScriptLaneQuerySet",
    "ScriptRun",
    "ScriptRunQuerySet",
    "ScriptTimer",
    "ScriptValue",
    "ScriptVersion",
    "Trigger",
]
