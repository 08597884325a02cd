"""The camera connector: what is photographed, orders and photos, visits."""

from integrations.camera.models.catalogue import (
    CatalogueVersion,
    Engine,
    Example,
    OutcomeType,
    Site,
    Task,
    TaskGroup,
)
from integrations.camera.models.orders import (
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
    LinkBy,
    Scenario,
    Upload,
    Visit,
)

__all__ = [
    "Analysis",
    "AnalysisRun",
    "AnalysisState",
    "Callback",
    "CatalogueVersion",
    "ConnectorToken",
    "Engine",
    "Example",
    "FieldOrder",
    "Flow",
    "Input",
    "Issue",
    "LinkBy",
    "OutcomeType",
    "Scenario",
    "Site",
    "Task",
    "TaskGroup",
    "TaskOutcome",
    "Upload",
    "Visit",
    "WorkItem",
]
