"""The gap report as a page, and as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.models import Connection
from integrations.core.paging import page_of
from integrations.core.tables import csv_response
from integrations.platforms.worklink.catalogs import gaps
from integrations.platforms.worklink.catalogs.gaps import Asked
from integrations.platforms.worklink.options import SLUG

PAGE = 50
DEEPEST = 10_000
UNCOVERED, UNUSED, EMPTY = "uncovered", "unused", "empty"
LIGHT = ("credentials", "token_cache", "probe", "settings")
KINDS = (
    (UNCOVERED, gettext_lazy("Assets without a catalog")),
    (UNUSED, gettext_lazy("Catalogs nobody uses")),
    (EMPTY, gettext_lazy("Catalogs without scenarios")),
)


class AskForm(forms.Form):
    """What the report is about."""

    show = forms.ChoiceField(label=gettext_lazy("Show"), choices=KINDS, required=False)
    connection = forms.ModelChoiceField(
        Connection.objects.filter(platform=SLUG).defer(*LIGHT).order_by("name"),
        label=gettext_lazy("Catalogs of"),
        required=False,
        empty_label=gettext_lazy("all connections"),
    )
    orders = forms.ChoiceField(
        label=gettext_lazy("Which orders"),
        choices=[("", gettext_lazy("open ones")), ("all", gettext_lazy("closed ones too"))],
        required=False,
    )


def page(owner: Any, request: HttpRequest) -> HttpResponse:
    """Show one page of the report; what is not understood is asked again."""
    form, show, asked = _asked(owner, request)
    context = owner.admin_site.each_context(request) | {"title": _("Gap report"), "form": form, "show": show}
    if form.is_valid():
        kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
        context |= {
            "csv": f"{reverse('admin:worklink_scenariocatalog_gaps_csv')}?{urlencode(kept)}",
            "kept": urlencode(kept),
        }
        context |= _assets(request, asked) if show == UNCOVERED else _catalogs(request, show, asked)
    return TemplateResponse(request, "worklink/gaps.html", context)


def download(owner: Any, request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole of what the page shows in parts."""
    form, show, asked = _asked(owner, request)
    if not form.is_valid():
        asked = Asked()
    headings: Sequence[str] = ("catalog", "catalog_id", "external_asset_id", "connection")
    rows: Iterable[Sequence[Any]]
    if show == UNCOVERED:
        headings, rows = ("asset", "orders"), gaps.uncovered(asked)
    else:
        columns = ("name", "database_id", "external_asset_id", "slug")
        rows = _rows(show, asked).values_list(*columns).iterator(chunk_size=1_000)
    return csv_response(f"gaps-{show}.csv", headings, rows)


def _asked(owner: Any, request: HttpRequest) -> tuple[AskForm, str, Asked]:
    """:raises PermissionDenied:"""
    if not (owner.has_view_permission(request) and request.user.has_perm("workorders.view_workorder")):
        raise PermissionDenied
    form = AskForm(request.GET)
    if not form.is_valid():
        return form, UNCOVERED, Asked()
    values = form.cleaned_data
    connection = values["connection"]
    asked = Asked(
        workspace_id=connection.workspace_id if connection else None,
        connection_id=connection.pk if connection else None,
        closed_too=values["orders"] == "all",
    )
    return form, values["show"] or UNCOVERED, asked


def _assets(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    given = request.GET.get("p", "")
    number = min(int(given), DEEPEST) if given.isdecimal() and len(given) < 6 else 0
    rows = list(gaps.uncovered(asked, first=number * PAGE, most=PAGE + 1))
    before, after = (str(number - 1) if number else ""), (str(number + 1) if len(rows) > PAGE else "")
    orders, add = reverse("admin:workorders_workorder_changelist"), reverse("admin:worklink_scenariocatalog_add")
    beside = {} if asked.closed_too else {"closed__exact": "0"}
    of = {"connection": asked.connection_id} if asked.connection_id else {}
    shown = [
        {
            "asset": row.asset,
            "orders": row.orders,
            "list": f"{orders}?{urlencode({'asset__exact': row.asset, **beside})}",
            "add": f"{add}?{urlencode({'external_asset_id': row.asset, 'name': row.asset, **of})}",
        }
        for row in rows[:PAGE]
    ]
    return {"assets": shown, "previous": before, "has_previous": bool(number), "next": after}


def _rows(show: str, asked: Asked) -> Any:
    return gaps.unused(asked) if show == UNUSED else gaps.empty(asked)


def _catalogs(request: HttpRequest, show: str, asked: Asked) -> dict[str, Any]:
    rows = _rows(show, asked).defer(*(f"connection__{name}" for name in LIGHT))
    found = page_of(rows, cursor=request.GET.get("p", ""), size=PAGE)
    return {
        "catalogs": found.rows,
        "previous": found.previous,
        "has_previous": bool(found.previous),
        "next": found.next,
    }
