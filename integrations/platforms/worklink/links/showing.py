"""A link taken apart for people: what it opens, what it carries, both forms with their codes."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.platforms.worklink.links.drafting import drafted, records_of
from integrations.platforms.worklink.links.grammar import TARGETS, Link, in_form, parse
from integrations.platforms.worklink.links.nesting import pairs_of
from integrations.platforms.worklink.links.placeholders import names_in
from integrations.platforms.worklink.links.qr import Code
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import LinkTemplate
from integrations.workorders.models import ExternalId, WorkOrder

ANY_LENGTH = 100_000
PERSONAL = "assignee"


@dataclass(frozen=True)
class FormShown:
    """One form of a link. `picture` is a data URI of its code; `problem` says why there is none."""

    name: str
    url: str
    picture: str = ""
    warning: str = ""
    problem: str = ""
    print_width: float = 0

    @property
    def length(self) -> int:
        return len(self.url)


@dataclass(frozen=True)
class Shown:
    """A link as people look at it; `refusal` instead, where there is none."""

    action: str = ""
    target: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    forms: tuple[FormShown, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: LinkRefused | None = None


def shown(direct: str, *, longest: int, warnings: tuple[str, ...] = ()) -> Shown:
    """Take a direct link apart."""
    link = parse(direct, any_action=True, longest=ANY_LENGTH)
    forms = tuple(_form(name, direct, longest) for name in ("deferred", "direct"))
    target = f"{link.target.key} = {link.target.value}" if link.target else ""
    return Shown(link.action, target, tuple(pairs_of(link.external_data)), forms, warnings)


def _form(name: str, direct: str, longest: int) -> FormShown:
    url = in_form(direct, name, longest=ANY_LENGTH)
    try:
        in_form(direct, name, longest=longest)
        code = Code(url)
        picture = f"data:image/svg+xml;base64,{base64.b64encode(code.svg()).decode()}"
    except LinkRefused as refused:
        return FormShown(name, url, problem=refused.sentence)
    return FormShown(name, url, picture, code.warning, print_width=code.print_width)


def preview(template: LinkTemplate, order: WorkOrder) -> Shown:
    """Return what a template that was judged good would give out for an order; nothing is written."""
    template.enabled = True  # a preview of one that is switched off is wanted too
    (found,) = drafted([template], [order], records_of([order]))
    base = template.recipe().base()
    said = (*base.warnings, *_cautions(template, base))
    if (refusal := getattr(found, "refusal", None)) is not None:
        return Shown(warnings=said, refusal=refusal)
    return shown(found.row.direct, longest=template.longest, warnings=said)  # type: ignore[union-attr]  # a draft


def _cautions(template: LinkTemplate, base: Link) -> Iterator[str]:
    if base.action not in TARGETS:
        yield f"The action “{base.action}” is not one that is known. It is taken as the CMS gave it."
    texts = [text for _, text in template.external_data] + ([base.target.value] if base.target else [])
    if any(PERSONAL in names_in(text) for text in texts):
        yield "The link names a person, and links end in prints and logs. Leave {assignee} out if you can."
    if not template.with_lnk:
        yield "Without lnk nobody notices a link that was edited."


def order_for(template: LinkTemplate, called: str) -> WorkOrder | None:
    """Return the order that is called so; where nothing is asked, the latest of the template's system."""
    orders = WorkOrder.objects.filter(workspace=template.connection.workspace_id)
    if called:
        return orders.filter(external_ids__external_id=called).order_by("-changed_at").first()
    named = ExternalId.objects.filter(system__slug=template.system_slug()).values("work_order")
    return orders.filter(pk__in=named, stub=False).order_by("closed", "-changed_at").first()
