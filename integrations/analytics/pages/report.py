"""The report's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.analytics.models import LeftOutReason, MeasuredJob, Recount
from integrations.analytics.pages.asked import asked, query_of
from integrations.analytics.resolution import Report
from integrations.analytics.selectors.chosen import Chosen, words_of
from integrations.analytics.selectors.figures import Figures, Step, figures
from integrations.analytics.selectors.jobs import LEFT_OUT, WITH, WITHOUT
from integrations.analytics.words import ratio, share, span
from integrations.connections.models import Workspace
from integrations.core.badges import Text


def page(owner: Any, request: HttpRequest) -> HttpResponse:
    """Show the figures of what the address asks for; what it asks wrongly is said beside its field."""
    form = asked(owner, request)
    context = owner.admin_site.each_context(request) | {"title": _("Time to resolution"), "form": form}
    context |= {"known": words_of(form.space.pk), "recount": _recount(), "spaces": _spaces(form.space)}
    context |= {"query": query_of(request), "jobs_url": reverse("admin:analytics_measuredjob_jobs")}
    context["is_empty"] = not MeasuredJob.objects.filter(workspace=form.space).exists()
    if form.is_valid() and not context["is_empty"]:
        context |= _shown(request, form.chosen)
    return TemplateResponse(request, "analytics/report.html", context)


def _shown(request: HttpRequest, chosen: Chosen) -> dict[str, Any]:
    found = figures(chosen)
    links = {each: query_of(request, group=each) for each in (WITH, WITHOUT, LEFT_OUT)}
    return {
        "chosen": chosen,
        "targets": chosen.targets(),
        "figures": found,
        "cohorts": cohorts(found.report, links=links),
        "difference": span(found.report.difference),
        "ratio": ratio(found.report.ratio),
        "priorities": [(name or _("none"), _beside(one)) for name, one in found.by_priority.items()],
        "steps": [_step(each) for each in found.steps],
        "chart": chart(found),
        "left_out": _left_out(found.report),
        "left_out_query": links[LEFT_OUT],
        "verdict": verdict(found.report),
    }


def cohorts(found: Report, *, links: dict[str, str]) -> list[dict[str, Any]]:
    named = ((_("with a call"), WITH, found.with_call), (_("without a call"), WITHOUT, found.without_call))
    return [
        {
            "name": name,
            "query": links[group],
            "n": cohort.n,
            "too_few": cohort.median is None,
            "median": span(cohort.median),
            "mean": span(cohort.mean),
            "p90": span(cohort.p90),
            "within": share(cohort.within_target),
        }
        for name, group, cohort in named
    ]


def verdict(found: Report) -> str:
    """Return one sentence that says what the medians say, and no more."""
    if found.difference is None:
        return _("There are too few jobs to compare.")
    if not found.difference:
        return _("Half of the jobs were resolved within the same time, with a call and without.")
    words = span(abs(found.difference))
    if found.difference.total_seconds() < 0:
        return _("In the middle, jobs with a call were resolved {time} faster.").format(time=words)
    return _("In the middle, jobs with a call took {time} longer.").format(time=words)


def _beside(one: Report) -> dict[str, Any]:
    return {
        "with_call": one.with_call,
        "without_call": one.without_call,
        "medians": (span(one.with_call.median), span(one.without_call.median)),
        "within": (share(one.with_call.within_target), share(one.without_call.within_target)),
        "difference": span(one.difference),
        "ratio": ratio(one.ratio),
    }


def _step(each: Step) -> dict[str, str]:
    return {"within": span(each.within), "with_call": share(each.with_call), "without_call": share(each.without_call)}


def chart(found: Figures) -> dict[str, Any]:
    """Return what the chart draws, in per cent; a cohort with too few jobs is not drawn."""
    rows = [(_("with a call"), [each.with_call for each in found.steps])]
    rows += [(_("without a call"), [each.without_call for each in found.steps])]
    sets = [
        {"label": name, "data": [round(each * 100, 1) for each in values if each is not None]}
        for name, values in rows
        if None not in values
    ]
    labels = [span(each.within) for each in found.steps]
    return {"labels": labels, "sets": sets, "x": _("resolved within"), "y": _("per cent of the jobs")}


def _left_out(found: Report) -> list[tuple[Text, int]]:
    return [(LeftOutReason[reason.name].label, count) for reason, count in sorted(found.left_out.items())]


def _recount() -> dict[str, Any] | None:
    """Return how far a recount is in per cent, and why there is one; None if there is none."""
    state = Recount.objects.filter(pk=1).first()
    if state is None or not state.running:
        return None
    return {"percent": 100 * state.after // max(state.until, 1), "why": state.why}


def _spaces(chosen: Workspace) -> list[tuple[str, str, bool]]:
    """Return the workspaces to choose from; none if there is only one."""
    found = list(Workspace.objects.order_by("name"))
    return [(each.slug, each.name, each == chosen) for each in found] if len(found) > 1 else []
