"""The link that calls a contact, and the one that opens the list of contacts.

Their literals are inferred (vendor sheet 2.2), so the connection's link template of the purpose says what they open;
the default stands in where there is none.
"""

from dataclasses import replace

from integrations.core.remembered import remembered
from integrations.platforms.worklink.links.grammar import Link, Target, build
from integrations.platforms.worklink.links.purposes import Purpose
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import Contact, LinkTemplate

CALL = Link("fetch_user", Target("user", ""))
LIST = Link("fetch_company_contact")


def list_link(connection_id: int, *, direct: bool = False) -> str:
    """Return the link that opens the organization's list of contacts, where the user picks whom to call."""
    base = _base(connection_id, Purpose.CONTACT_LIST, LIST)
    return build(Link(base.action, base.target, form="direct" if direct else "deferred"))


def link_to(contact: Contact, *, direct: bool = False) -> str:
    """Return the link that calls a contact; empty for a call id that no link can carry."""
    base = _base(contact.connection_id, Purpose.CONTACT, CALL)
    target = replace(base.target or Target("user", ""), value=contact.call_id)
    try:
        return build(Link(base.action, target, form="direct" if direct else "deferred"))
    except LinkRefused:
        return ""


def _base(connection_id: int, purpose: Purpose, default: Link) -> Link:
    """Return what the connection's first template of a purpose opens; whom it calls is replaced by the caller."""
    return remembered(("worklink.bases", purpose), lambda: _bases(purpose)).get(connection_id, default)


def _bases(purpose: Purpose) -> dict[int, Link]:
    """Return the bases of all connections at once, since a list of contacts spans connections."""
    templates = LinkTemplate.objects.filter(purpose=purpose, enabled=True).order_by("-pk")
    return {template.connection_id: template.base() for template in templates.defer("external_data")}
