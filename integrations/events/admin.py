from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import subjects
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import badge, facts, moment, pretty_json
from integrations.core.page_actions import Link
from integrations.events import (
    admin_console,
    admin_directory,
    admin_endpoints,
    admin_filters,
    admin_live,
    admin_pictures,
)
from integrations.events.admin_pictures import pictures_shown
from integrations.events.filters import Clause
from integrations.events.models import Event
from integrations.events.omni_wire import without_credentials
from integrations.events.selectors.explaining import Judged, Route, routes_of

__all__ = ["admin_directory", "admin_endpoints", "admin_filters", "admin_pictures"]  # they register their own lists


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Events")
    intro = gettext_lazy(
        "What happened, each fact once, numbered without gaps: what mappings, scripts and endpoints get."
    )
    empty_hint = gettext_lazy(
        "Events appear when a session is joined to a work order, a photo is kept, or a camera recognises someone."
    )
    list_display = ("seq", "type", "subject", "flags", "reason", "occurred", "created")
    list_display_links = ("seq", "type")
    list_filter = ("type", "reason")
    list_defer = ("payload", "about")
    grows = True
    search_fields = ("=subject", "=source_id", "=correlation_id")
    ordering = ("-pk",)
    readonly_fields = ("told", "routes", "pictures")

    occurred = moment_column("occurred_at", gettext_lazy("occurred"))
    created = moment_column("created_at", gettext_lazy("recorded"))

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "live": admin_live.page,
            "graphql": admin_console.page,
            "graphql_ask": admin_console.ask,
        }
        own = [
            path(
                f"{name.replace('_', '/')}/",
                self.admin_site.admin_view(partial(page, self)),
                name=f"events_event_{name}",
            )
            for name, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    def list_links(self, request: HttpRequest) -> list[Link]:
        return [
            Link(_("Live"), reverse("admin:events_event_live")),
            Link(_("GraphQL"), reverse("admin:events_event_graphql")),
        ]

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """Faces are for those who may see pictures."""
        sees = request.user.has_perm("events.view_picture")
        return ("told", *(("pictures",) if sees and obj and obj.is_recognition else ()), "routes")

    def lead(self, row: Event) -> list[SafeString]:
        return [self.flags(row)]

    def facts(self, row: Event) -> SafeString:
        pairs: list[tuple[Any, Any]] = [
            (_("Number"), row.seq or _("not numbered yet")),
            (_("Id"), row.uuid),
            (_("Type"), row.type),
            (_("Work order"), subjects.link_of(row)),
            (_("Camera"), row.camera_id or "–"),
            (_("Source"), f"{row.source_type} {row.source_id}"),
            (_("Reason"), row.reason),
            (_("Occurred"), moment(row.occurred_at)),
            (_("Recorded"), moment(row.created_at)),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        return facts(pairs)

    @admin.display(description=gettext_lazy("remarks"))
    def flags(self, row: Event) -> SafeString:
        found = [badge(_("not passed on"), "wait", title=row.withheld)] if row.withheld else []
        if row.is_off_clock:
            found.append(badge(_("its clock is off"), "wait", title=_("Its date is over a day from its arrival.")))
        return format_html_join(" ", "{}", ((each,) for each in found))

    @admin.display(description=gettext_lazy("facts"))
    def told(self, event: Event) -> SafeString:
        return pretty_json(without_credentials(event.payload), label=_("facts"))

    @admin.display(description=gettext_lazy("pictures"))
    def pictures(self, event: Event) -> SafeString:
        return pictures_shown(event)

    @admin.display(description=gettext_lazy("where it goes, and why"))
    def routes(self, event: Event) -> Any:
        if event.withheld:
            return _("Nowhere: {reason}").format(reason=event.withheld)
        shown = [(_route(route),) for route in routes_of(event)]
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", shown)) if shown else _("No endpoints yet.")
        )


def _route(route: Route) -> SafeString:
    sign = badge(_("goes there"), "ok") if route.goes else badge(_("does not go there"), "quiet")
    why = format_html_join("", "<li>{}</li>", ((_judged(each),) for each in route.filters))
    told = format_html("<ul>{}</ul>", why) if route.filters else _("It has no filter: every event goes there.")
    return format_html("<strong>{}</strong> {} {}", route.endpoint.name, sign, told)


def _judged(judged: Judged) -> SafeString:
    if not judged.clauses:
        return format_html(
            "{} <code>{}</code>", _("A filter without conditions lets it through:"), judged.filter_id[:8]
        )
    clauses = format_html_join("", "<li>{}</li>", ((_clause(each),) for each in judged.clauses))
    return format_html("{} <code>{}</code><ul>{}</ul>", _("Filter"), judged.filter_id[:8], clauses)


def _clause(clause: Clause) -> SafeString:
    sign = badge(_("holds"), "ok") if clause.holds else badge(_("does not hold"), "bad")
    seen = ", ".join(clause.seen) or _("nothing")
    words = _("{field}: one of {wanted}; the event has {seen}")
    return format_html("{} {}", words.format(field=clause.field, wanted=", ".join(clause.wanted[:10]), seen=seen), sign)
