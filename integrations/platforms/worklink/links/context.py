"""What mappings and scripts may use of an issued link: how it gets into a field of the system of record."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from integrations.core import clock
from integrations.core.platforms import ContextField, ContextKind, register_context
from integrations.platforms.worklink.links import grammar, pages
from integrations.platforms.worklink.links.issuing import ISSUED_EVENT, SOURCE_TYPE
from integrations.platforms.worklink.mapping import iso
from integrations.platforms.worklink.models import IssuedLink
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, order_facts

FACTS = (
    ("id", "number", "number of the link in Fieldport"),
    ("url", "text", "the link, in the form of its template"),
    ("direct", "text", "the link, direct form"),
    ("deferred", "text", "the link, https form"),
    ("qr_svg", "text", "address of its QR code as SVG; needs an API token"),
    ("qr_png", "text", "address of its QR code as PNG; needs an API token"),
    ("page", "text", "address of the order's link page; empty where the connection hosts none"),
    ("lnk", "text", "the id that proves its origin"),
    ("template", "text", "short name of its template"),
    ("name", "text", "name of its template"),
    ("purpose", "text", "what it is for"),
    ("target", "text", "what it opens"),
    ("issued_at", "time", "when it was issued"),
)
DATA = "link.data"
FIELDS = (
    *(ContextField(f"link.{name}", kind, f"Link: {label}") for name, kind, label in FACTS),
    ContextField(DATA, "object", "Link: all of its data"),
    ContextField("connection.slug", "text", "Connection: short name"),
    ContextField("connection.name", "text", "Connection: name"),
)


def load_link(source_id: str) -> dict[str, Any]:
    """:raises IssuedLink.DoesNotExist:"""
    link = IssuedLink.objects.select_related("template__connection", "work_order").get(pk=source_id)
    connection = link.template.connection
    return {
        "link": link_facts(link),
        "order": order_facts(link.work_order),
        "connection": {"slug": connection.slug, "name": connection.name},
    }


def link_facts(link: IssuedLink) -> dict[str, Any]:
    """Return the facts as JSON values. What was given out is told also where its template allows less by now."""
    template, forms = link.template, ("direct", "deferred")
    shown = {form: grammar.in_form(link.direct, form, longest=10 * len(link.direct)) for form in forms}
    return {
        "id": link.pk,
        "url": shown[template.form],
        **shown,
        "qr_svg": qr_address(link, "svg"),
        "qr_png": qr_address(link, "png"),
        "page": pages.address_of(link, now=clock.now()),
        "lnk": link.lnk,
        "template": template.slug,
        "name": template.name,
        "purpose": template.purpose,
        "target": link.target,
        "issued_at": iso(link.issued_at),
        "data": link.external_data,
    }


def qr_address(link: IssuedLink, kind: str) -> str:
    """Return the absolute address of a link's QR code: `svg` or `png`."""
    return str(settings.PUBLIC_URL) + reverse(f"worklink:qr_{kind}", args=[link.pk])


def register() -> None:
    register_context(
        ContextKind(
            source_type=SOURCE_TYPE,
            label="WorkLink link",
            event_types=(ISSUED_EVENT,),
            fields=(*FIELDS, *ORDER_FIELDS),
            load=load_link,
            open_paths=(DATA, *ORDER_OPEN_PATHS),
        )
    )
