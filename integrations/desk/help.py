"""A page per platform: its README, which says how it is set up and what is particular about it, shown in the admin."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from integrations.core import panels, platforms
from integrations.core.page_actions import Link

# Raw HTML is shown as text, and only links to http, https and mailto are links.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def register() -> None:
    """Offer the pages where an account on a platform, or an address for its webhooks, is set up."""
    panels.register_links("connections.Connection", lambda row: _links(row and row.platform))
    panels.register_links("inbox.WebhookSource", lambda row: _links(row and row.connection.platform))


def page(site: AdminSite, request: HttpRequest, *, slug: str) -> HttpResponse:
    label = dict(platforms.choices()).get(slug)
    readme = _readme(slug) if label else None
    if readme is None:
        raise Http404(f"No help on a platform “{slug}”.")
    shown = {"title": _("Help: {platform}").format(platform=label), "help": rendered(readme.read_text("utf-8"))}
    return TemplateResponse(request, "desk/help.html", site.each_context(request) | shown)


@cache
def rendered(text: str) -> SafeString:
    """Return Markdown as HTML, without its first title: the page has one of its own."""
    tokens = MARKDOWN.parse(text)
    if tokens and (tokens[0].type, tokens[0].tag) == ("heading_open", "h1"):
        tokens = tokens[3:]
    html = SafeString(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))
    # A wide table scrolls in a box of its own, which the keyboard reaches.
    box = format_html('<div class="results" tabindex="0" role="region" aria-label="{}"><table>', _("Table"))
    return SafeString(html.replace("<table>", box).replace("</table>", "</table></div>"))


def _readme(slug: str) -> Path | None:
    config = apps.get_containing_app_config(type(platforms.adapter_of(slug)).__module__)
    found = Path(config.path) / "README.md" if config else None
    return found if found and found.is_file() else None


def _links(slug: Any) -> Sequence[Link]:
    """Return the link to one platform's page; to all of them where none is chosen yet."""
    offered = [pair for pair in platforms.choices() if slug in (None, pair[0]) and _readme(pair[0])]
    return [
        Link(_("Help: {platform}").format(platform=label), reverse("admin:desk_help", args=[name]))
        for name, label in offered
    ]
