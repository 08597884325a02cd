"""What mappings and scripts may use of a contact."""

from typing import Any

from integrations.core.platforms import ContextField, ContextKind, ScriptFacts, register_context
from integrations.platforms.worklink.contacts.linking import link_to
from integrations.platforms.worklink.contacts.publishing import CHANGED, SOURCE_TYPE, VANISHED
from integrations.platforms.worklink.models import Contact

FACTS = (
    ("key", "text", "what other systems know it by; never changes"),
    ("id", "text", "global id in the CMS"),
    ("database_id", "text", "number in the CMS"),
    ("name", "text", "name"),
    ("email", "text", "e-mail"),
    ("call_id", "text", "call id"),
    ("group", "text", "group"),
    ("licence", "text", "licence, such as TECH_PLUS"),
    ("gone", "boolean", "whether it can be called no more"),
    ("link", "text", "link that calls it, also where the app is missing"),
    ("direct_link", "text", "link that calls it, for the app alone"),
)
FIELDS = tuple(ContextField(f"contact.{name}", kind, f"Contact: {label}") for name, kind, label in FACTS)
CONNECTION = tuple(ContextField(f"connection.{name}", "text", f"Connection: {name}") for name in ("slug", "name"))


def facts_of(contact: Contact) -> dict[str, Any]:
    """Return the facts as JSON values."""
    return {
        "key": contact.key,
        "id": contact.resource_id,
        "database_id": contact.database_id,
        "name": contact.name,
        "email": contact.email,
        "call_id": contact.call_id,
        "group": contact.group,
        "licence": contact.licence,
        "gone": contact.gone_at is not None,
        "link": link_to(contact),
        "direct_link": link_to(contact, direct=True),
    }


def load(source_id: str) -> dict[str, Any]:
    """:raises Contact.DoesNotExist:"""
    contact = Contact.objects.select_related("connection").get(pk=source_id)
    connection = contact.connection
    return {"contact": facts_of(contact), "connection": {"slug": connection.slug, "name": connection.name}}


def for_script(source_id: str) -> ScriptFacts:
    contact = Contact.objects.get(pk=source_id)
    return ScriptFacts({"contact": facts_of(contact)}, contact.connection_id, "User", contact.resource_id)


def register() -> None:
    register_context(
        ContextKind(
            source_type=SOURCE_TYPE,
            label="WorkLink contact",
            event_types=(CHANGED, VANISHED),
            fields=(*FIELDS, *CONNECTION),
            load=load,
            script=for_script,
        )
    )
