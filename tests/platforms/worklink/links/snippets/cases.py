"""Templates and orders that snippets are tried with, and what the builder makes of them."""

from collections.abc import Mapping
from typing import Literal

from integrations.platforms.worklink.links.composing import Recipe, compose
from integrations.platforms.worklink.links.grammar import build, in_form
from integrations.platforms.worklink.links.refusals import LinkRefused

Form = Literal["direct", "deferred"]
FORMS: tuple[Form, ...] = ("direct", "deferred")
LONGEST = 600

RECIPES = {
    "asset": Recipe("worklink://resource?action=fetch_catalog&asset={asset}", [], "work_order_id"),
    "catalog": Recipe(
        "worklink://resource?action=fetch_catalog&catalog=5512", [["site", "{site}"]], "work_order_id", route="sap"
    ),
    "nested": Recipe(
        "worklink://resource?action=fetch_catalog&asset=42",
        [["serials[]", "SN-11"], ["serials[]", "{asset}"], ["ctx[line]", "3"], ["ctx[site]", "{site}"]],
        "work_order_id",
    ),
    "either": Recipe(
        "worklink://resource?action=fetch_catalog&asset=A%20{asset}&quote=it's%20(%22%5C!*~",
        [["either", "{site}{title}"]],
        "work_order_id",
    ),
    "mixed": Recipe(
        "worklink://resource?action=fetch_user&user=crew-{assignee}&g=Gr%C3%B6%C3%9Fe%205%25&quote=it's%20(%22%5C!*~",
        [["note", "a {title} 'b' {{c}}"], ["both", "{site}{priority}"], ["key2", "{key}-{key}"]],
        "service_request_id",
    ),
}
FIELDS = ("key", "title", "asset", "site", "status", "assignee", "priority")
SHORT = ("asset", "catalog", "nested", "either")
"""So few fields that a formula of Salesforce can hold them."""
KEYBOARD = "".join(map(chr, range(0x20, 0x7F)))


def order(**values: str) -> dict[str, str]:
    return dict.fromkeys(FIELDS, "") | {"key": "WO-000981", "asset": "PUMP-77", "assignee": "anna"} | values


PLAIN = {
    "usual": order(),
    "signs": order(key="WO 7/8 & spare", site="Z #2", title="100% + 5"),
    "keyboard": order(key=KEYBOARD, asset=KEYBOARD[::-1][:40], site="a+b%20~", title="'\"\\", assignee="%%25"),
    "percent": order(key="%7E%2E", asset="*+%2B", site="~.-_", title="<>", priority="1"),
    "no target": order(asset="", assignee=""),
    "no key": order(key=""),
    "too long": order(key="k" * 300 + "&" * 110),
}
"""What is on an English keyboard: a formula of Salesforce encodes no more."""
ALL = {
    **PLAIN,
    "letters": order(key="Größe 東京", site="Zürich #2", asset="Ö-1", assignee="Ærø", title="ﬁ ½"),
    "pictures": order(key="🔧 1", site="👩‍🔧", title="\u200bzero", asset="🔧"),
}


def expected(recipe: Recipe, values: Mapping[str, str], form: Form, *, longest: int = LONGEST) -> str:
    """Return the builder's link without `lnk`; "" where it refuses to make one."""
    try:
        return in_form(build(compose(recipe, values), longest=longest), form, longest=longest)
    except LinkRefused:
        return ""
