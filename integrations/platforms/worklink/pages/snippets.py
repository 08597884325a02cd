"""The snippets of a link template: code for the customer's own system, with its own names of fields."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.core.page_actions import Link
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.links.snippets import SYSTEMS, System, assembly_of
from integrations.platforms.worklink.links.snippets.assembly import Form
from integrations.platforms.worklink.models import LinkTemplate
from integrations.platforms.worklink.options import options_of

NAME = "name-"


def links(row: LinkTemplate | None) -> list[Link]:
    """Return the button on a template's page."""
    return [Link(_("Snippets"), reverse("admin:worklink_snippets", args=[row.pk]))] if row else []


def page(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the snippets of one kind of system. :raises PermissionDenied:"""
    if not request.user.has_perm("worklink.view_linktemplate"):
        raise PermissionDenied
    template = get_object_or_404(LinkTemplate.objects.select_related("connection", "system"), pk=pk)
    system = SYSTEMS.get(request.GET.get("system", "")) or next(iter(SYSTEMS.values()))
    asked = request.GET.get("form") or template.form
    form: Form = "direct" if asked == "direct" else "deferred"
    context = site.each_context(request) | {
        "title": _("Snippets"),
        "template": template,
        "systems": SYSTEMS.values(),
        "system": system,
        "form": form,
        "issued_only": options_of(template.connection).issued_links_only,
        "hosts_pages": options_of(template.connection).host_pages,
    }
    return TemplateResponse(request, "worklink/snippets.html", context | _written(request, template, system, form))


def _written(request: HttpRequest, template: LinkTemplate, system: System, form: Form) -> dict[str, Any]:
    given = {key.removeprefix(NAME): str(value) for key, value in request.GET.items() if key.startswith(NAME)}
    try:
        assembly = assembly_of(template.recipe(), form=form, longest=template.longest)
    except LinkRefused as refused:
        return {"problem": refused.sentence}
    names, bad = system.named(assembly, given), system.refused(given)
    fields = [(field, f"{NAME}{field}", name) for field, name in names.items()]
    return {"fields": fields, "bad": bad, "snippets": system.write(assembly, names)}
