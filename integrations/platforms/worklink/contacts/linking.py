"""The link that calls a contact, and the one that opens the list of contacts."""

from integrations.platforms.worklink.links.grammar import Link, Target, build
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import Contact

ACTION, KEY, LIST = "fetch_user", "user", "fetch_company_contact"  # the literals are inferred (vendor sheet 2.2)


def list_link(*, direct: bool = False) -> str:
    """Return the link that opens the organization's list of contacts, where the user picks whom to call."""
    return build(Link(LIST, form="direct" if direct else "deferred"))


def link_to(contact: Contact, *, direct: bool = False) -> str:
    """Return the link that calls a contact; empty for a call id that no link can carry."""
    try:
        return build(Link(ACTION, Target(KEY, contact.call_id), form="direct" if direct else "deferred"))
    except LinkRefused:
        return ""
