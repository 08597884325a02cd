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

    def look() -> Link:
        template = LinkTemplate.objects.filter(connection=connection_id, purpose=purpose, enabled=True).order_by("pk")
        found = template.first()
        return found.base() if found else default

    return remembered(("worklink.base", connection_id, purpose), look)
