"""Links as they would be given out: made from templates and orders, nothing written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.safe_json import storable
from integrations.platforms.worklink.links import grammar
from integrations.platforms.worklink.links.composing import compose, digest_of, marked
from integrations.platforms.worklink.links.placeholders import KEY, PLACEHOLDERS
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from integrations.platforms.worklink.models.links import new_lnk
from integrations.workorders.models import ExternalId, WorkOrder

OTHER_WORKSPACE = "other_workspace"
Name = tuple[int, int, str]  # template, order, digest
Records = Mapping[int, Mapping[int, str]]  # order → system of record → what it calls the order


@dataclass(frozen=True)
class Offer:
    """One template's link for one order: given out, or not yet (`link` is None), or `refusal` says why it cannot be.

    `new`: it was given out by this call.
    """

    template: LinkTemplate
    work_order: WorkOrder
    link: IssuedLink | None = None
    refusal: LinkRefused | None = None
    new: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Draft:
    """A link that would be given out, without its number."""

    row: IssuedLink
    name: Name


def drafted(
    templates: Sequence[LinkTemplate], orders: Sequence[WorkOrder], records: Records
) -> Iterator[Draft | Offer]:
    systems = _systems(templates)
    for order in orders:
        for template in templates:
            key = records[order.pk].get(systems.get(template.pk, 0), "")
            try:
                yield draft(template, order, key)
            except LinkRefused as refused:
                yield Offer(template, order, refusal=refused)


def draft(template: LinkTemplate, order: WorkOrder, key: str) -> Draft:
    if template.connection.workspace_id != order.workspace_id:
        raise LinkRefused(OTHER_WORKSPACE, f"The template “{template}” belongs to another workspace than the order.")
    if not template.enabled:
        raise LinkRefused("disabled", f"The template “{template}” is switched off.")
    values = {name: str(getattr(order, name)) for name in PLACEHOLDERS if name != KEY} | {KEY: key}
    content, lnk = compose(template.recipe(), values), new_lnk()
    link = marked(content, lnk) if template.with_lnk else content
    direct = grammar.build(link, longest=template.longest)
    grammar.in_form(direct, template.form, longest=template.longest)
    row = IssuedLink(
        template=template,
        work_order=order,
        lnk=lnk,
        action=content.action,
        target_key=content.target.key if content.target else "",
        target_value=content.target.value if content.target else "",
        external_data=storable(dict(link.external_data)),
        direct=direct,
        digest=digest_of(content, proved=template.with_lnk),
        issued_at=timezone.now(),
    )
    return Draft(row, name_of(row))


def name_of(row: IssuedLink) -> tuple[int, int, str]:
    return row.template_id, row.work_order_id, row.digest


def records_of(orders: Sequence[WorkOrder]) -> dict[int, dict[int, str]]:
    """Return what each system of record calls each order."""
    found: dict[int, dict[int, str]] = {order.pk: {} for order in orders}
    rows = ExternalId.objects.filter(work_order__in=list(found)).order_by("pk")
    for order_id, system_id, external_id in rows.values_list("work_order_id", "system_id", "external_id"):
        found[order_id][system_id] = external_id
    return found


def _systems(templates: Sequence[LinkTemplate]) -> dict[int, int]:
    """Return the number of each template's system of record, where there is one in its workspace."""
    named = {template.system_slug() for template in templates}
    rows = Connection.objects.filter(slug__in=named).values_list("slug", "workspace_id", "pk")
    known = {(slug, workspace_id): pk for slug, workspace_id, pk in rows}
    wanted = {each.pk: (each.system_slug(), each.connection.workspace_id) for each in templates}
    return {pk: known[name] for pk, name in wanted.items() if name in known}
