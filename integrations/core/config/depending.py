"""What hangs on a row, so that a removal is refused by name instead of taking it along."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Model, Q

from integrations.core.config.children import Children
from integrations.core.config.known import Known
from integrations.core.config.links import linked
from integrations.core.config.naming import key_of
from integrations.core.config.sections import Section, all_sections

MOST_COUNTED = 1000
MOST_NAMED = 3


def dependents(row: Any, section: Section, *, known: Known, leaving: Collection[int]) -> Iterator[str]:
    """Yield in words what hangs on a row, such as "12 received webhooks"; what leaves with it does not count.

    `leaving`: the `id()` of each row that goes in the same plan. Rows of the configuration are judged as they will be.
    """
    inside = {part.model for part in section.parts if isinstance(part, Children)} | set(section.belongings)
    for relation in row._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not _points_here(relation) or model in inside:
            continue
        if known.is_configured(model):
            rows = [each for each in known.rows(model).values() if id(each) not in leaving]
            found = [each for each in rows if _is_linked(each, relation.field, row)]
            names = [" / ".join(key_of(each)) for each in found[:MOST_NAMED]]
        else:
            rest = model._base_manager.filter(**{relation.field.name: row.pk})
            found = rest.exclude(_goes_with(model, known, leaving)).values_list("pk")[:MOST_COUNTED]
            names = []
        if found:
            yield _words(model, len(found), names)


def targets(row: Any, among: Mapping[int, Any]) -> list[int]:
    """Return the `id()` of each of these rows that a row has a foreign key to, as it is in memory."""
    links = [each for each in row._meta.fields if each.is_relation]
    kinds = {each.related_model for each in links}
    others = [other for other in among.values() if other is not row and type(other) in kinds]
    return [id(other) for other in others if any(_is_linked(row, link, other) for link in links)]


def _points_here(relation: Any) -> bool:
    if not relation.auto_created or relation.concrete or relation.related_model._meta.auto_created:
        return False  # the table behind a many-to-many field is judged by that field
    return not hasattr(relation.related_model, "instance_type")  # its history stays when a row goes


def _goes_with(model: type[Model], known: Known, leaving: Collection[int]) -> Q:
    """Return which rows of a table are part of an entry that leaves in the same plan."""
    going = Q(pk__in=[])
    for section in all_sections():
        if way := section.carries.get(model):
            going |= Q(**{f"{way}__in": [row.pk for row in known.rows(section.model).values() if id(row) in leaving]})
        for part in section.parts:
            if isinstance(part, Children) and part.model is model:
                owners = [each.pk for each in known.rows(section.model).values() if id(each) in leaving]
                going |= Q(**{f"{part.parent}__in": owners})
    return going


def _is_linked(row: Any, link: Any, other: Any) -> bool:
    if link.related_model is not type(other):
        return False
    if link.many_to_many:
        return any(each is other or each.pk == other.pk for each in linked(row, link.name))
    if link.is_cached(row) and getattr(row, link.name) is other:
        return True
    return other.pk is not None and getattr(row, link.attname) == other.pk


def _words(model: type[Model], count: int, names: list[str]) -> str:
    number = f"{MOST_COUNTED} or more" if count == MOST_COUNTED else str(count)
    kind = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
    listed = ", ".join(f"“{name}”" for name in names) + (", …" if names and count > len(names) else "")
    return f"{number} {kind}" + (f" ({listed})" if names else "")
