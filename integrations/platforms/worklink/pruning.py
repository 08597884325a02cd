"""Whether a token sees all of the organization: the CMS leaves out silently what its groups may not see (E15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.platforms.worklink import names, probing
from integrations.platforms.worklink.client import WorkLinkClient
from integrations.platforms.worklink.mapping import inner, node_list, text_of

MOST_NAMED = 5


@dataclass(frozen=True)
class Sight:
    """What a token sees. `unseen`: groups of the organization none of whose scenarios it sees.

    `groups` is 0 where the server does not name them; then only a person can judge `sessions`.
    """

    sessions: int | None = None
    groups: int = 0
    unseen: tuple[str, ...] = ()

    @property
    def is_pruned(self) -> bool:
        return bool(self.unseen)

    @property
    def warning(self) -> str:
        """Say what the token does not see; empty if it sees something of every group, or that is not known."""
        if not self.unseen:
            return ""
        named = ", ".join(self.unseen[:MOST_NAMED]) + (" …" if len(self.unseen) > MOST_NAMED else "")
        words = _(
            "The token sees nothing of {count} of {groups} groups: {names}. Lists leave out silently what it may "
        )
        words += _("not see, so sessions of those groups are not found when a webhook is lost. ")
        words += _("For reconciliation take a token that has All Groups.")
        return words.format(count=len(self.unseen), groups=self.groups, names=named)


def sight_of(data: Mapping[str, Any], *, sessions: int | None) -> Sight:
    """Compare the groups that the organization names with those whose scenarios the token sees. Pure."""
    organization = inner(data, "viewer", "organization")
    groups = {text_of(each.get("id")): text_of(each.get("name")) for each in node_list(inner(organization, "groups"))}
    seen = {text_of(inner(each, "originGroup", "id")) for each in node_list(inner(organization, "scenarios"))}
    unseen = sorted(name or pk for pk, name in groups.items() if pk not in seen)
    return Sight(sessions, len(groups), tuple(unseen))


def look(client: WorkLinkClient) -> Sight:
    """Ask what the token sees. :raises FieldportError:"""
    page = client.page(names.SESSION)
    total = page.total if page else None
    if not client.able.groups:
        return Sight(total)
    return sight_of(client.ask(client.able.groups, {}), sessions=total)


def look_now(connection: Connection) -> Sight:
    """Ask the connection's server what the token sees. :raises FieldportError:"""
    client = probing.client_of(connection, open_client(connection))
    return probing.asked(connection, client, lambda: look(client))


def compared(sight: Sight, expected: str) -> tuple[str, bool]:
    """Compare with the number that a person read in the CMS; return the sentence, and whether all is seen."""
    if not expected.isdecimal() or len(expected) > 9 or sight.sessions is None:
        return _("Enter the number of sessions that the CMS shows to someone who sees everything."), False
    if sight.sessions >= int(expected):
        return _("The token sees {seen} sessions: all of them.").format(seen=sight.sessions), True
    words = _("The token sees {seen} of {expected} sessions: it lacks groups. Take one that has All Groups.")
    return words.format(seen=sight.sessions, expected=int(expected)), False
