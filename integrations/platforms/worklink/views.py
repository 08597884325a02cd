"""The hosted link page: no account, no cookie, no script. Reading it changes nothing: a prefetch is harmless."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from integrations.platforms.worklink.links import pages
from integrations.platforms.worklink.links.issuing import code_of, url_of
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.links.texts import texts_of
from integrations.platforms.worklink.models import IssuedLink, LinkPage

logger = logging.getLogger(__name__)

HEADERS = {
    # The address is the secret: no other site is told where the user came from, and nothing keeps what it said.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}
MISSES, SECONDS = 30, 60  # wrong addresses that one sender may try


@dataclass(frozen=True)
class Button:
    """`form` names its words."""

    form: str
    url: str


@dataclass(frozen=True)
class Shown:
    """One link: its buttons, that of its template's form first, and its code, "" where it would be too long."""

    name: str
    buttons: list[Button]
    code: str
    dense: bool


def _hosted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a part of the hosted page: found by its token, with its headers and policy."""

    @wraps(view)
    def run(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        page = pages.find(token, now=timezone.now())
        response = view(request, page, **named) if page else _missing(request)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    plain: Any = run
    made: Any = require_safe(csp_replace(POLICY)(plain))
    hosted: Callable[..., HttpResponse] = made
    return hosted


@_hosted
def link_page(request: HttpRequest, page: LinkPage) -> HttpResponse:
    """Answer with the links of one order."""
    texts, content = _texts(request), pages.content_of(page)
    told = [(texts[name], value) for name, value in content.facts]
    links = [_shown(page, link) for link in content.links]
    context = {"texts": texts, "key": content.key, "facts": told, "links": links}
    return render(request, "worklink/link_page.html", context | {"language": texts["language"]})


@_hosted
def link_code(request: HttpRequest, page: LinkPage, *, link: int) -> HttpResponse:
    """Answer with the QR code of one of the page's links, in the form of its template."""
    found = next((each for each in pages.content_of(page).links if each.pk == link), None)
    try:
        svg = code_of(found).svg() if found else b""
    except LinkRefused:
        svg = b""
    return HttpResponse(svg, content_type="image/svg+xml") if svg else _missing(request)


def _shown(page: LinkPage, link: IssuedLink) -> Shown:
    forms = sorted(("direct", "deferred"), key=lambda form: form != link.template.form)
    buttons = [Button(form, url) for form in forms if (url := _url(link, form))]
    return Shown(link.template.name, buttons, *_code(page, link))


def _url(link: IssuedLink, form: str) -> str:
    """Return the link; "" where it is too long in this form."""
    try:
        return url_of(link, form)
    except LinkRefused:
        return ""


def _code(page: LinkPage, link: IssuedLink) -> tuple[str, bool]:
    try:
        code = code_of(link)
        code.svg()
    except LinkRefused:
        return "", False
    return reverse("worklink:link_code", args=[page.token, link.pk]), code.is_dense


def _texts(request: HttpRequest) -> dict[str, str]:
    language = str(getattr(request, "LANGUAGE_CODE", "en"))
    return {**texts_of(language), "language": "fr" if language.startswith("fr") else "en"}


def _missing(request: HttpRequest) -> HttpResponse:
    """Answer the same for every address that leads nowhere, whether it never did or does no longer."""
    texts, slow = _texts(request), _is_too_many(str(request.META.get("REMOTE_ADDR", "")))
    said = "slow" if slow else "missing"
    context = {"texts": texts, "language": texts["language"], "said": texts[said], "help": texts[f"{said}_help"]}
    response = render(request, "worklink/link_page_missing.html", context, status=429 if slow else 404)
    if slow:
        response["Retry-After"] = str(SECONDS)
    return response


def _is_too_many(sender: str) -> bool:
    """Count a miss of this sender. While the cache is down nobody is refused; who has a good address never is."""
    key = f"worklink:page-misses:{sender}"
    try:
        cache.add(key, 0, SECONDS)
        return int(cache.incr(key)) > MISSES
    except ValueError:  # it ended between the two
        return False
    except RedisError as error:
        logger.warning("misses are not counted: %s", type(error).__name__)
        return False
