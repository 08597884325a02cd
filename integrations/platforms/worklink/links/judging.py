"""Whether links can be made from a template: each refusal under its field, with its name as the code."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from integrations.platforms.worklink.links.composing import judge_base, judge_data
from integrations.platforms.worklink.links.grammar import direct_of
from integrations.platforms.worklink.links.purposes import BASE_LINKS
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.options import SLUG

if TYPE_CHECKING:
    from integrations.platforms.worklink.models import LinkTemplate

Problems = dict[str, ValidationError]
NO_SYSTEM = "Neither the template nor the connection names a system of record. Choose the one whose id {key} is."


def problems_of(template: "LinkTemplate") -> Problems:
    """Fill in and unwrap the base link, and return what is refused."""
    if getattr(template, "connection", None) is None:
        return {}  # said by the field itself
    if found := _of_connections(template):
        return found
    template.external_data, fault = _pairs(template.external_data)
    return {"external_data": fault} if fault else _of_link(template)


def _of_connections(template: "LinkTemplate") -> Problems:
    connection = template.connection
    if connection.platform != SLUG:
        return {"connection": _said("not_worklink", f"“{connection}” is no connection to WorkLink.")}
    slug, system = template.system_slug(), template.system
    if not slug:
        return {"system": _said("no_system", NO_SYSTEM)}
    if system is not None and (system.platform == SLUG or system.workspace != connection.workspace):
        return {"system": _said("no_system", f"“{system}” is no system of record of this workspace.")}
    if not template.recipe().key_name:
        said = f"The connection's settings have no link key that fits {slug}. Add one to them first."
        return {"system": _said("no_key", said)}
    return {}


def _of_link(template: "LinkTemplate") -> Problems:
    template.base_link = template.base_link.strip() or BASE_LINKS.get(template.purpose, "")
    try:
        template.base_link = direct_of(template.base_link)
        base = judge_base(template.recipe())
    except LinkRefused as refused:
        return {"base_link": _said(refused.code, refused.sentence)}
    try:
        judge_data(template.recipe(), base)
    except LinkRefused as refused:
        return {"external_data": _said(refused.code, refused.sentence)}
    return {}


def _pairs(given: Any) -> tuple[Any, ValidationError | None]:
    """Return [name, text] pairs, also from an object; or what is wrong."""
    pairs = [list(each) for each in given.items()] if isinstance(given, dict) else given
    fine = isinstance(pairs, list) and all(
        isinstance(each, list | tuple) and len(each) == 2 and all(isinstance(part, str) for part in each)
        for each in pairs
    )
    if not fine:
        return given, _said("bad_value", "It must be a list of pairs of a name and a text.")
    if bad := next((name for name, text in pairs if "\x00" in name + text), None):
        return given, _said("bad_value", f"“{bad[:80]!r}” holds a character that no link can carry.")
    return [list(each) for each in pairs], None


def _said(code: str, sentence: str) -> ValidationError:
    # `%` begins no placeholder here: without params Django leaves the text as it is.
    return ValidationError(sentence, code=code)
