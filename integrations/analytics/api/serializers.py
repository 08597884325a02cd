"""The report for programs: times in hours, shares from 0 to 1, null where there are too few jobs."""

from typing import Any

from rest_framework import serializers

from integrations.analytics.models import LeftOutReason
from integrations.analytics.resolution import Cohort, LeftOut, Report
from integrations.analytics.selectors.chosen import Chosen
from integrations.analytics.selectors.figures import Figures
from integrations.analytics.words import hours
from integrations.connections.api.fields import StrictSerializer

NONE_OF_IT = "Null where the group has too few jobs."


class ReportQuery(StrictSerializer):
    """What the report is narrowed to."""

    since = serializers.DateField(required=False, help_text="The first day, of the calendar's zone, else UTC.")
    until = serializers.DateField(required=False, help_text="The last day, which is part of it.")
    site = serializers.CharField(required=False, max_length=200, help_text="Exactly.")
    asset_class = serializers.CharField(required=False, max_length=100, help_text="Exactly.")
    priority = serializers.CharField(required=False, max_length=60, help_text="Exactly.")
    calendar = serializers.CharField(
        required=False, max_length=50, help_text="Short name of a business calendar, or `clock`; else as set up."
    )
    guard_rail = serializers.ChoiceField(
        ["on", "off"], required=False, help_text="Whether small groups have no figures; else as set up."
    )


class CohortAnswer(serializers.Serializer[Any]):
    jobs = serializers.IntegerField()
    median_hours = serializers.FloatField(allow_null=True, help_text=NONE_OF_IT)
    mean_hours = serializers.FloatField(allow_null=True, help_text=NONE_OF_IT)
    p90_hours = serializers.FloatField(allow_null=True, help_text=NONE_OF_IT)
    within_target = serializers.FloatField(allow_null=True, help_text="Of the jobs whose priority has a target.")


class ComparedAnswer(serializers.Serializer[Any]):
    with_call = CohortAnswer()
    without_call = CohortAnswer()
    difference_hours = serializers.FloatField(allow_null=True, help_text="Median with a call minus median without.")
    ratio = serializers.FloatField(allow_null=True, help_text="Median with a call by median without.")
    left_out = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Jobs in no group, by reason: {', '.join(LeftOutReason.values)}."
    )


class PriorityAnswer(ComparedAnswer):
    priority = serializers.CharField(allow_blank=True)


class StepAnswer(serializers.Serializer[Any]):
    within_hours = serializers.FloatField()
    with_call = serializers.FloatField(allow_null=True, help_text=NONE_OF_IT)
    without_call = serializers.FloatField(allow_null=True, help_text=NONE_OF_IT)


class ReportAnswer(ComparedAnswer):
    calendar = serializers.CharField(help_text="Short name of the business calendar that counted, or `clock`.")
    fewest = serializers.IntegerField(help_text="How many jobs a group needs to have figures.")
    by_priority = PriorityAnswer(many=True, help_text="The twenty priorities with the most jobs, by name.")
    resolved_within = StepAnswer(many=True, help_text="Which share of each group was resolved within a time.")
    causal = serializers.BooleanField(help_text="Always false: harder jobs attract calls.")


def answer(found: Figures, chosen: Chosen) -> dict[str, Any]:
    steps = [(hours(each.within), each.with_call, each.without_call) for each in found.steps]
    return _compared(found.report) | {
        "calendar": chosen.calendar.slug if chosen.calendar else "clock",
        "fewest": chosen.fewest,
        "by_priority": [_compared(one) | {"priority": name} for name, one in found.by_priority.items()],
        "resolved_within": [
            {"within_hours": within, "with_call": one, "without_call": other} for within, one, other in steps
        ],
        "causal": False,
    }


def _compared(found: Report) -> dict[str, Any]:
    return {
        "with_call": _cohort(found.with_call),
        "without_call": _cohort(found.without_call),
        "difference_hours": hours(found.difference),
        "ratio": found.ratio,
        "left_out": {reason.name: found.left_out.get(reason, 0) for reason in LeftOut},
    }


def _cohort(each: Cohort) -> dict[str, Any]:
    return {
        "jobs": each.n,
        "median_hours": hours(each.median),
        "mean_hours": hours(each.mean),
        "p90_hours": hours(each.p90),
        "within_target": each.within_target,
    }
