"""Snippets that assemble a template's link in the customer's own system. Pure; one module for each kind of system."""

from integrations.platforms.worklink.links.snippets import excel, maximo, redmine, salesforce, servicenow
from integrations.platforms.worklink.links.snippets.assembly import Assembly, assembly_of
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System

SYSTEMS: dict[str, System] = {
    each.SYSTEM.slug: each.SYSTEM for each in (salesforce, servicenow, maximo, redmine, excel)
}

__all__ = ["SYSTEMS", "Assembly", "Names", "Snippet", "System", "assembly_of", "written"]


def written(assembly: Assembly, *, system: str, given: Names) -> list[Snippet]:
    """Return the snippets of one kind of system; `given` are the customer's own names of fields."""
    kind = SYSTEMS[system]
    return kind.write(assembly, kind.named(assembly, given))
