"""What the report is made of: how it is set up, and what was measured of each job."""

from integrations.analytics.models.choosing import AssetClass, BusinessCalendar, ReportPolicy, ResolutionTarget
from integrations.analytics.models.measured import (
    CallFact,
    JobTally,
    JobWord,
    LeftOutReason,
    MeasuredJob,
    Recount,
    StaleJob,
)

__all__ = [
    "AssetClass",
    "BusinessCalendar",
    "CallFact",
    "JobTally",
    "JobWord",
    "LeftOutReason",
    "MeasuredJob",
    "Recount",
    "ReportPolicy",
    "ResolutionTarget",
    "StaleJob",
]
