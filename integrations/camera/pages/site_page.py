"""Adding task groups and tasks from another system's site to a draft: a preview first, as for CSV."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.camera.forms_catalogue import LANGUAGES
from integrations.camera.models import CatalogueVersion, Engine
from integrations.camera.pages import catalogue_sources, importing
from integrations.camera.pages.catalogue_sources import CatalogueSource
from integrations.connections.models import Connection
from integrations.core.errors import FieldportError


class SiteForm(forms.Form):
    connection = forms.ModelChoiceField(Connection.objects.none(), label=gettext_lazy("Connection"))
    engine = forms.ChoiceField(label=gettext_lazy("Who decides on the tasks"))
    language = forms.ChoiceField(choices=LANGUAGES, label=gettext_lazy("Language of its texts"))

    def __init__(self, *args: Any, workspace: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = catalogue_sources.sources()
        known: Any = self.fields["connection"]
        platforms = [source.platform for source in sources]
        known.queryset = Connection.objects.filter(platform__in=platforms, workspace=workspace).order_by("name")
        engines = [name for source in sources for name in source.engines]
        chosen: Any = self.fields["engine"]
        chosen.choices = [(name, Engine(name).label) for name in dict.fromkeys(engines)]


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    if not owner.has_right(request, "camera.change_taskgroup"):
        raise PermissionDenied
    version = CatalogueVersion.objects.select_related("site").filter(pk=pk, published_at__isnull=True).first()
    if version is None:
        raise Http404
    form = SiteForm(request.POST or None, workspace=version.site.workspace_id)
    found, source = None, None
    if request.method == "POST" and form.is_valid():
        found, source = _found(form, version)
        if found and found.is_good and "keep" in request.POST:
            return _kept(request, found, version, form.cleaned_data["connection"])
    context = owner.admin_site.each_context(request) | {"title": _("Import from a site"), "version": version}
    context |= {"form": form, "found": found, "unknown": source.unknown if source else ()}
    return TemplateResponse(request, "camera/admin/site.html", context)


def _found(form: SiteForm, version: CatalogueVersion) -> tuple[importing.Read | None, CatalogueSource | None]:
    """Ask the site; why it cannot be read is said at the connection."""
    chosen = form.cleaned_data
    try:
        source = catalogue_sources.source_of(chosen["connection"])
        groups = source.read(chosen["connection"])
    except FieldportError as error:
        form.add_error("connection", str(error))
        return None, None
    named = {"language": chosen["language"], "engine": chosen["engine"]}
    return importing.read_groups(groups, version=version, **named), source


def _kept(
    request: HttpRequest, found: importing.Read, version: CatalogueVersion, connection: Connection
) -> HttpResponse:
    count = importing.keep(found, version=version, checks={}, connection=connection)
    messages.success(request, ngettext("%d task was added.", "%d tasks were added.", count) % count)
    return HttpResponseRedirect(reverse("admin:camera_catalogueversion_change", args=[version.pk]))
