"""Boxes, links and actions that an upper floor adds to pages of a lower one, in `AppConfig.ready()` or its admin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from integrations.core.badges import Text
from integrations.core.page_actions import Link


@dataclass(frozen=True)
class Panel:
    """A titled box of labelled values (text or safe markup), and where more of it is.

    `template`: the box's content instead, which finds `context` as `panel.context`.
    """

    title: Text
    rows: Sequence[tuple[Text, Text]] = field(default_factory=tuple)
    link: Text = ""
    url: str = ""
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ListAction:
    """What can be done with the chosen rows of a list: `run(admin, request, rows)`, for whoever has `right`."""

    name: str
    label: Text
    right: str
    run: Callable[[Any, HttpRequest, Any], HttpResponse | None]


Panels = Callable[[Any], Panel | None]
Links = Callable[[Any], Sequence[Link]]

_panels: dict[str, list[Panels]] = {}
_links: dict[str, list[Links]] = {}
_actions: dict[str, dict[str, ListAction]] = {}


def register(model: str, contribution: Panels) -> None:
    """`contribution(row)` returns a box for the page of a row of `model` ("inbox.WebhookSource"), or None."""
    _panels.setdefault(model, []).append(contribution)


def of(row: Any) -> list[Panel]:
    found = [contribution(row) for contribution in _panels.get(row._meta.label, [])]
    return [panel for panel in found if panel is not None]


def register_links(model: str, contribution: Links) -> None:
    """`contribution(row)` returns buttons that lead elsewhere; it is given None on the page that adds a row."""
    _links.setdefault(model, []).append(contribution)


def links_of(model: str, row: Any) -> list[Link]:
    return [link for contribution in _links.get(model, []) for link in contribution(row)]


def register_action(model: str, action: ListAction) -> None:
    """Offer an action on the list of `model` ("workorders.WorkOrder")."""
    _actions.setdefault(model, {})[action.name] = action


def actions_of(model: str) -> list[ListAction]:
    return list(_actions.get(model, {}).values())
