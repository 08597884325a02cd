"""Deep links of WorkLink: built and taken apart. Pure (sections 2.1 to 2.4 and 2.7 of the sheet).

    direct    worklink://resource?action=fetch_catalog&asset=PUMP-77&work_order_id=WO-000981
    deferred  https://getworklink.com/deferred?deep_link=<the direct link, encoded once more>

What is not the action and not its target is external data: it comes back with the session. Lists are written `name[]=x`
once for each item, inner values `name[inner]=x`; all values are texts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from integrations.platforms.worklink.links.nesting import Data, Nest, pairs_of
from integrations.platforms.worklink.links.refusals import LinkRefused

DIRECT = "worklink://resource"
DEFERRED = "https://getworklink.com/deferred"
WRAPPED = "deep_link"
LONGEST = 2000  # characters, the default of section 2.4

# What each action may aim at. Only `fetch_catalog` is documented as a literal; a link pasted from the CMS wins.
TARGETS: dict[str, tuple[str, ...]] = {
    "fetch_catalog": ("asset", "catalog"),
    "fetch_scenario": ("scenario",),
    "fetch_user": ("user",),
    "fetch_company_contact": ("contact", "group"),
    "fetch_contact_list": ("contact", "group"),
}
WITHOUT_TARGET = ("fetch_company_contact", "fetch_contact_list")  # the list of the whole organization
TARGET_KEYS = ("asset", "catalog", "scenario", "user", "contact", "group")
RESERVED = frozenset({"action", WRAPPED, *TARGET_KEYS})
PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Target:
    """What a link opens: `key` is the parameter's name (asset, catalog, scenario, user, contact, group)."""

    key: str
    value: str


@dataclass(frozen=True)
class Link:
    """A link taken apart. `target` is None where the action needs none. `warnings` are sentences."""

    action: str
    target: Target | None = None
    external_data: Data = field(default_factory=dict)
    form: Literal["direct", "deferred"] = "direct"
    warnings: tuple[str, ...] = ()


def build(link: Link, *, longest: int = LONGEST) -> str:
    """Return the link in its form: action first, then the target, then external data in its order.

    Raises LinkRefused: `missing_action`, `missing_target`, `reserved_key`, `bad_key`, `bad_value`, `too_long`.
    """
    if not link.action:
        raise LinkRefused("missing_action", "A link needs an action, such as fetch_catalog.")
    if link.target is None and link.action in TARGETS and link.action not in WITHOUT_TARGET:
        raise _missing_target(link.action)
    if link.target is not None and not link.target.value:
        raise _missing_target(link.action)
    taken = [key for key in link.external_data if key in RESERVED]
    if taken:
        raise LinkRefused("reserved_key", f"“{taken[0]}” is a parameter of the link itself. Choose another name.")
    parts = [("action", link.action), *([(link.target.key, link.target.value)] if link.target else ())]
    parts += pairs_of(link.external_data)
    direct = f"{DIRECT}?" + "&".join(f"{_encoded(key)}={_encoded(value)}" for key, value in parts)
    return in_form(direct, link.form, longest=longest)


def parse(url: str, *, any_action: bool = False, plus_is_space: bool = False, longest: int = LONGEST) -> Link:
    """Take a link apart. `any_action`: also one that is not in the sheet, as links pasted from the CMS may have.

    Raises LinkRefused: `not_worklink`, `missing_action`, `unknown_action`, `missing_target`, `ambiguous_target`,
    `bad_encoding`, `too_long`.
    """
    url = _within(url.strip(), longest)
    warnings: list[str] = []
    direct, form = _unwrapped(url, warnings)
    pairs = list(_pairs(_query_of(direct, warnings), plus_is_space=plus_is_space))
    own: dict[str, str] = {}
    nest = Nest(warnings)
    for key, value in pairs:
        if key in RESERVED:
            if key in own:
                warnings.append(f"“{key}” is there twice; the last one counts.")
            own[key] = value
        else:
            nest.add(key, value)
    action = own.get("action", "")
    _check_action(action, any_action=any_action)
    target = _target(action, own, warnings)
    return Link(action, target, nest.data, form, tuple(warnings))


def direct_of(url: str) -> str:
    """Return the direct link inside a deferred one; a direct link as it is. Raises LinkRefused."""
    return _unwrapped(url.strip(), [])[0]


def in_form(direct: str, form: str, *, longest: int = LONGEST) -> str:
    """Return a direct link as it is, or wrapped. Raises LinkRefused: `too_long`."""
    return _within(direct if form == "direct" else f"{DEFERRED}?{WRAPPED}={_encoded(direct)}", longest)


def _unwrapped(url: str, warnings: list[str]) -> tuple[str, Literal["direct", "deferred"]]:
    if _split(url).scheme.lower() == "worklink":
        return url, "direct"
    parts, wanted = _split(url), urlsplit(DEFERRED)
    same = (parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")) == (
        wanted.scheme,
        wanted.netloc,
        wanted.path,
    )
    if not same:
        raise _not_worklink()
    wrapped = ""
    for key, value in _pairs(parts.query, plus_is_space=False):
        if key == WRAPPED:
            wrapped = value
        else:
            warnings.append(f"“{key}” stands outside of the wrapped link and is left out.")
    if _split(wrapped).scheme.lower() != "worklink":
        raise _not_worklink()
    return wrapped, "deferred"


def _query_of(direct: str, warnings: list[str]) -> str:
    parts = _split(direct)
    if parts.netloc.lower() != "resource" or parts.path not in ("", "/"):
        raise _not_worklink()
    if parts.fragment:
        warnings.append("What follows “#” is no part of a link and is left out.")
    return parts.query


def _pairs(query: str, *, plus_is_space: bool) -> Iterator[tuple[str, str]]:
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            yield _decoded(key, plus_is_space=plus_is_space), _decoded(value, plus_is_space=plus_is_space)


def _check_action(action: str, *, any_action: bool) -> None:
    if not action:
        raise LinkRefused("missing_action", "The link has no “action”.")
    if action not in TARGETS and not any_action:
        known = ", ".join(TARGETS)
        raise LinkRefused("unknown_action", f"“{action}” is not one of the actions that are known: {known}.")


def _target(action: str, own: Mapping[str, str], warnings: list[str]) -> Target | None:
    allowed = TARGETS.get(action, TARGET_KEYS)
    given = [key for key in TARGET_KEYS if own.get(key)]
    aims = [key for key in given if key in allowed]
    warnings += [f"“{key}” is not a target of {action} and is left out." for key in given if key not in allowed]
    if len(aims) > 1:
        raise LinkRefused("ambiguous_target", f"The link names both {' and '.join(aims)}: keep one.")
    if aims:
        return Target(aims[0], own[aims[0]])
    if action in WITHOUT_TARGET or action not in TARGETS:
        return None
    raise _missing_target(action)


def _encoded(text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:  # half of a surrogate pair
        raise LinkRefused("bad_value", "A value has a character that no link can carry.") from None


def _decoded(text: str, *, plus_is_space: bool) -> str:
    raw = text.replace("+", " ") if plus_is_space else text
    try:
        octets = raw.encode()
        if PERCENT.search(octets):
            raise ValueError(raw)
        return unquote_to_bytes(octets).decode()
    except ValueError:
        cut = ascii(text[:40])[1:-1]
        raise LinkRefused("bad_encoding", f"“{cut}” is not percent-encoded UTF-8.") from None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise _not_worklink() from None


def _within(url: str, longest: int) -> str:
    if len(url) > longest:
        raise LinkRefused("too_long", f"The link has {len(url)} characters; {longest} are allowed.")
    return url


def _not_worklink() -> LinkRefused:
    return LinkRefused("not_worklink", f"It begins neither with {DIRECT}? nor with {DEFERRED}?{WRAPPED}=.")


def _missing_target(action: str) -> LinkRefused:
    wanted = " or ".join(TARGETS.get(action, TARGET_KEYS))
    return LinkRefused("missing_target", f"{action} needs {wanted}, with a value.")
