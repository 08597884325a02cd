"""The sheet for many orders: a choice of template, form, paper and labels per page, then a page made for print."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.panels import ListAction
from integrations.platforms.worklink.links.issuing import enabled_templates
from integrations.platforms.worklink.models import LinkTemplate
from integrations.platforms.worklink.pages.labels import GRIDS, PAPERS, labels_of, sheets_of
from integrations.platforms.worklink.pages.order_panel import RIGHT
from integrations.workorders.models import WorkOrder

MOST = 500
FORMS = [
    ("", gettext_lazy("as the template says")),
    ("deferred", gettext_lazy("https")),
    ("direct", gettext_lazy("worklink://, for managed devices and headsets")),
    ("both", gettext_lazy("both side by side")),
]


class SheetForm(forms.Form):
    ids = forms.CharField(widget=forms.HiddenInput)
    template = forms.ModelChoiceField(LinkTemplate.objects.none(), label=gettext_lazy("Link template"))
    form = forms.ChoiceField(label=gettext_lazy("Form of the links"), choices=FORMS, required=False)
    paper = forms.ChoiceField(label=gettext_lazy("Paper"), choices=[(key, each.label) for key, each in PAPERS.items()])
    grid = forms.ChoiceField(
        label=gettext_lazy("Labels per page"), choices=[(key, each.label) for key, each in GRIDS.items()], initial="8"
    )

    def __init__(self, *args: Any, orders: QuerySet[WorkOrder], **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["template"]
        choice.queryset = enabled_templates().filter(connection__workspace__in=orders.values("workspace"))
        choice.empty_label = None


def choose(owner: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    """Lead from the list of work orders to the form."""
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(pks) > MOST:
        said = _("At most {most} orders fit into one sheet. Choose fewer, or filter the list.").format(most=MOST)
        owner.message_user(request, said, messages.ERROR)
        return None
    return HttpResponseRedirect(f"{reverse('admin:worklink_sheet')}?ids={','.join(map(str, pks))}")


ACTION = ListAction("print_links", gettext_lazy("Print links with QR codes …"), RIGHT, choose)


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the form; a POST gives the links out and answers with the sheet. :raises PermissionDenied:"""
    if not (request.user.has_perm(RIGHT) and request.user.has_perm("workorders.view_workorder")):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    orders = _orders(given.get("ids", ""))
    if not orders.exists():
        messages.error(request, _("Choose work orders first, then the action “Print links with QR codes”."))
        return HttpResponseRedirect(reverse("admin:workorders_workorder_changelist"))
    initial = {"ids": given.get("ids", "")}
    form = SheetForm(request.POST if request.method == "POST" else None, orders=orders, initial=initial)
    if form.is_bound and form.is_valid():
        return _printed(request, list(orders), form.cleaned_data)
    context = site.each_context(request) | {"title": _("Print links"), "form": form, "count": orders.count()}
    return TemplateResponse(request, "worklink/sheet_ask.html", context)


def _orders(ids: str) -> QuerySet[WorkOrder]:
    pks = [int(part) for part in ids.split(",")[:MOST] if part.isdecimal() and len(part) < 19]
    return WorkOrder.objects.filter(pk__in=pks).order_by("pk")


def _printed(request: HttpRequest, orders: list[WorkOrder], chosen: dict[str, Any]) -> HttpResponse:
    template, paper, grid = chosen["template"], PAPERS[chosen["paper"]], GRIDS[chosen["grid"]]
    wanted = ("direct", "deferred") if chosen["form"] == "both" else (chosen["form"] or template.form,)
    labels, left_out = labels_of(template, orders, wanted, paper.cell(grid))
    context = {"template": template, "paper": chosen["paper"], "grid": chosen["grid"], "total": len(orders)}
    context |= {"sheets": sheets_of(labels, grid.count), "count": len(labels), "left_out": left_out}
    response = render(
        request, "worklink/sheet.html", context | {"back": reverse("admin:workorders_workorder_changelist")}
    )
    response["Cache-Control"] = "no-store"
    return response
