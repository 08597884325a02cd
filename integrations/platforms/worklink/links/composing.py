"""From a template and an order's values to a link: its content, which is the same each time. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.platforms.worklink.keys import ROUTE
from integrations.platforms.worklink.links.grammar import RESERVED, Link, Target, build, parse
from integrations.platforms.worklink.links.nesting import Data, Nest
from integrations.platforms.worklink.links.placeholders import KEY, filled, names_in
from integrations.platforms.worklink.links.refusals import LinkRefused

ISSUED = "lnk"
OURS = (ISSUED, ROUTE)
LONGEST_OF_ALL = 8000
Pairs = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Recipe:
    """What a template says. `key_name` carries the order's id; `route`, if set, the system of record as `sor`."""

    base_link: str
    external_data: Pairs
    key_name: str
    route: str = ""
    plus_is_space: bool = False

    def base(self) -> Link:
        """Return the base link taken apart. Raises LinkRefused."""
        return parse(self.base_link, any_action=True, plus_is_space=self.plus_is_space, longest=LONGEST_OF_ALL)


def judge_base(recipe: Recipe) -> Link:
    """Return the base link, if links can be made from it. Raises LinkRefused, by name."""
    base = recipe.base()
    if base.target is not None:
        names_in(base.target.value)
    for name in base.external_data:
        if name in OURS:
            raise LinkRefused("reserved_key", f"“{name}” is set for each link. Take it out of the base link.")
        if name == recipe.key_name:
            said = f"“{name}” is the link key, which is set for each order. Take it out of the base link."
            raise LinkRefused("duplicate_key", said)
    build(replace(base, form="direct"), longest=LONGEST_OF_ALL)
    return base


def judge_data(recipe: Recipe, base: Link) -> None:
    """Look at the external data of a template before any order is. Raises LinkRefused, by name."""
    sample = {name: "x" for pair in recipe.external_data for name in names_in(pair[1])}
    for name, text in recipe.external_data:
        outer = name.partition("[")[0]
        _judge_name(outer, text, recipe)
        if outer in base.external_data:
            raise LinkRefused("duplicate_key", f"“{outer}” is in the base link already. Keep one of them.")
    said: list[str] = []
    data = _nested(recipe.external_data, sample, said)
    if said:
        raise LinkRefused("bad_key", said[0])
    build(Link("fetch_company_contact", None, data), longest=10 * LONGEST_OF_ALL)


def _judge_name(name: str, text: str, recipe: Recipe) -> None:
    if name in RESERVED:
        raise LinkRefused("reserved_key", f"“{name}” is a parameter of the link itself. Choose another name.")
    if name in OURS:
        raise LinkRefused("reserved_key", f"“{name}” is set for each link. Take it out of the external data.")
    if name == recipe.key_name and text != f"{{{KEY}}}":
        said = f"“{name}” is the link key: it is always there and holds {{{KEY}}}. Leave it out, or write {{{KEY}}}."
        raise LinkRefused("reserved_key", said)
    if not text:
        raise LinkRefused("bad_value", f"“{name}” has no value: write a text, or a field such as {{asset}}.")


def compose(recipe: Recipe, values: Mapping[str, str]) -> Link:
    """Return an order's link in its direct form, without `lnk`. What is empty for this order is left out.

    Raises LinkRefused: `no_key`, `missing_target`, `bad_placeholder`.
    """
    if not values.get(KEY):
        raise LinkRefused("no_key", "The order has no id in the system of record that this template is for.")
    base = recipe.base()
    data: Data = {**base.external_data, recipe.key_name: values[KEY]}
    data |= _nested([each for each in recipe.external_data if each[0] != recipe.key_name], values, [])
    if recipe.route:
        data[ROUTE] = recipe.route
    return replace(base, target=_aim(base.target, values), external_data=data, form="direct", warnings=())


def _aim(target: Target | None, values: Mapping[str, str]) -> Target | None:
    if target is None:
        return None
    for name in names_in(target.value):
        if not values.get(name):
            raise LinkRefused("missing_target", f"The link opens “{target.value}”, and the order has no {name}.")
    return Target(target.key, filled(target.value, values))


def _nested(pairs: Pairs, values: Mapping[str, str], said: list[str]) -> Data:
    nest = Nest(said)
    for name, text in pairs:
        if value := filled(text, values):
            nest.add(name, value)
    return nest.data


def marked(link: Link, lnk: str) -> Link:
    """Return the link with the id that proves where it comes from."""
    return replace(link, external_data={**link.external_data, ISSUED: lnk})


def digest_of(link: Link, *, proved: bool) -> str:
    """Name what a link says; equal content has an equal name. `proved`: it carries an `lnk`. Raises LinkRefused."""
    said = build(link, longest=10 * LONGEST_OF_ALL)
    return hashlib.sha256(f"{'lnk' if proved else ''} {said}".encode()).hexdigest()
