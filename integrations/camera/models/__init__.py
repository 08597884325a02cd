"""The camera connector: what is photographed, orders and photos, visits."""

from integrations.camera.models.batches import BATCH_TASK, Batch, BatchRun, BatchState
from integrations.camera.models.catalogue import (
    CatalogueVersion,
    Engine,
    Example,
    OutcomeType,
    Site,
    Task,
    TaskGroup,
)
from integrations.camera.models.handing import HAND_OVER_TASK, HandOver, Phase
from integrations.camera.models.keys import ApiKey, LinkBy
from integrations.camera.models.orders import (
    ANALYSE_TASK,
    ITEM_SOURCE,
    ORDER_SOURCE,
    Analysis,
    AnalysisRun,
    AnalysisState,
    FieldOrder,
    Input,
    TaskOutcome,
    WorkItem,
)
from integrations.camera.models.visits import (
    Callback,
    ConnectorToken,
    Flow,
    Issue,
    Scenario,
    Upload,
    Visit,
)

__all__ = [
    "ANALYSE_TASK",
    "BATCH_TASK",
    "HAND_OVER_TASK",
    "ITEM_SOURCE",
    "ORDER_SOURCE",
    "Analysis",
    "AnalysisRun",
    "AnalysisState",
    "ApiKey",
    "Batch",
    "BatchRun",
    "BatchState",
    "Callback",
    "CatalogueVersion",
    "ConnectorToken",
    "Engine",
    "Example",
    "FieldOrder",
    "Flow",
    "HandOver",
    "Input",
    "Issue",
    "LinkBy",
    "OutcomeType",
    "Phase",
    "Scenario",
    "Site",
    "Task",
    "TaskGroup",
    "TaskOutcome",
    "Upload",
    "Visit",
    "WorkItem",
]
