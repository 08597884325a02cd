"""Adding task groups and tasks from another system's site to a draft: a preview first, as for CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
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
from integrations.camera.pages.catalogue_sources import CatalogueSource, GroupRead
from integrations.camera.services import examples
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


@dataclass(frozen=True)
class SiteRead:
    """What a site has told."""

    connection: Connection
    source: CatalogueSource
    groups: Sequence[GroupRead]

    @property
    def pictures(self) -> int:
        return sum(len(group.examples) for group in self.groups)

    def add_pictures(self, version: CatalogueVersion) -> examples.Fetched:
        addresses = {group.name: group.examples for group in self.groups}
        return examples.fetch_missing(version, addresses, fetch=partial(self.source.picture, self.connection))


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    if not owner.has_right(request, "camera.change_taskgroup"):
        raise PermissionDenied
    version = CatalogueVersion.objects.select_related("site").filter(pk=pk, published_at__isnull=True).first()
    if version is None:
        raise Http404
    form = SiteForm(request.POST or None, workspace=version.site.workspace_id)
    found, site = None, None
    if request.method == "POST" and form.is_valid() and (site := _asked(form)):
        named = {"language": form.cleaned_data["language"], "engine": form.cleaned_data["engine"]}
        found = importing.read_groups(site.groups, version=version, **named)
        if found.is_good and "keep" in request.POST:
            return _kept(request, found, version, site)
        if "pictures" in request.POST:
            return _with_pictures(request, version, site)
    context = owner.admin_site.each_context(request) | {"title": _("Import from a site"), "version": version}
    context |= {"form": form, "found": found, "site": site}
    return TemplateResponse(request, "camera/admin/site.html", context)


def _asked(form: SiteForm) -> SiteRead | None:
    """Ask the site; why it cannot be read is said at the connection."""
    connection: Connection = form.cleaned_data["connection"]
    source = catalogue_sources.source_of(connection)
    try:
        return SiteRead(connection, source, source.read(connection))
    except FieldportError as error:
        form.add_error("connection", str(error))
        return None


def _kept(request: HttpRequest, found: importing.Read, version: CatalogueVersion, site: SiteRead) -> HttpResponse:
    count = importing.keep(found, version=version, checks={}, connection=site.connection)
    messages.success(request, ngettext("%d task was added.", "%d tasks were added.", count) % count)
    return _with_pictures(request, version, site)


def _with_pictures(request: HttpRequest, version: CatalogueVersion, site: SiteRead) -> HttpResponse:
    done = site.add_pictures(version)
    if site.pictures:
        added = ngettext("%d example picture was added.", "%d example pictures were added.", done.added) % done.added
        messages.success(request, added)
    for problem in done.problems:
        messages.warning(request, problem)
    return HttpResponseRedirect(reverse("admin:camera_catalogueversion_change", args=[version.pk]))
