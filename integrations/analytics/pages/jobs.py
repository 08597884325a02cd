"""The jobs behind the figures, page by page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.analytics.pages.asked import asked, query_of
from integrations.analytics.selectors.jobs import GROUPS, LEFT_OUT, WITH, WITHOUT, ShownJob, jobs, shown
from integrations.analytics.words import span
from integrations.core.paging import page_of
from integrations.workorders import called

SIZE = 50


def page(owner: Any, request: HttpRequest) -> HttpResponse:
    """Show one page of the jobs of a group; of a cursor that cannot be read, the first."""
    form = asked(owner, request)
    group = request.GET.get("group", "")
    group = group if group in GROUPS else ""
    names = {WITH: _("Jobs with a call"), WITHOUT: _("Jobs without a call"), LEFT_OUT: _("Jobs left out")}
    context = owner.admin_site.each_context(request) | {"title": names.get(group, _("Jobs of the report"))}
    context |= {"form": form, "query": query_of(request, group=group), "group": group}
    context["groups"] = [(key, name, query_of(request, group=key)) for key, name in [("", _("All")), *names.items()]]
    if form.is_valid():
        found = page_of(jobs(form.chosen, group=group), cursor=request.GET.get("p", ""), size=SIZE)
        context["rows"] = [_row(each) for each in shown(found.rows, form.chosen)]
        beside = {"newer": found.previous, "older": found.next}
        context |= {name: query_of(request, group=group, p=cursor) for name, cursor in beside.items() if cursor}
    context["report_url"] = reverse("admin:analytics_measuredjob_changelist")
    return TemplateResponse(request, "analytics/jobs.html", context)


def _row(each: ShownJob) -> dict[str, Any]:
    row = each.row
    return {
        "row": row,
        "url": called.page(f"workorder/{row.work_order_id}"),
        "key": each.key or _("number {number}").format(number=row.work_order_id),
        "took": span(each.took),
        "why": row.get_left_out_display(),
        "in_calls": span(each.in_calls) if row.calls else span(None),
        "to_first_call": span(each.to_first_call),
        "from_last_call": span(each.from_last_call),
    }
