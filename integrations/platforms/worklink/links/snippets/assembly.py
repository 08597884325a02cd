"""A template's link as another system can assemble it: finished text, and fields of that system between. Pure.

All that is fixed is encoded here already, so a snippet holds nothing but `A-Z a-z 0-9 - . _ ~ % : / ? = &` between its
quotes, and encodes only what its own fields hold: once in a direct link, twice in a deferred one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from integrations.platforms.worklink.keys import ROUTE
from integrations.platforms.worklink.links.composing import Recipe
from integrations.platforms.worklink.links.grammar import DEFERRED, DIRECT, LONGEST, WRAPPED
from integrations.platforms.worklink.links.nesting import Nest, pairs_of
from integrations.platforms.worklink.links.placeholders import KEY, names_in, parts_of

Form = Literal["direct", "deferred"]


@dataclass(frozen=True)
class Field:
    """What a work order has under this name, as templates call it: `key`, `asset` …"""

    name: str


Piece = str | Field


@dataclass(frozen=True)
class Part:
    """Some of the link in a row. `unless_empty`: it is left out where all of these fields are empty."""

    pieces: tuple[Piece, ...]
    unless_empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assembly:
    """`needed`: fields without which there is no link at all."""

    parts: tuple[Part, ...]
    needed: tuple[str, ...]
    form: Form
    longest: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, in the order of the link."""
        pieces = (piece for part in self.parts for piece in part.pieces)
        return tuple(dict.fromkeys(piece.name for piece in pieces if isinstance(piece, Field)))

    @property
    def times(self) -> int:
        """How often a field is encoded."""
        return 2 if self.form == "deferred" else 1


def assembly_of(recipe: Recipe, *, form: Form, longest: int = LONGEST) -> Assembly:
    """Return how the links of a template are put together, apart from `lnk`, which only this portal can give out.

    Raises LinkRefused.
    """
    parts = list(_parts(recipe))
    if form == "deferred":
        parts = [Part((f"{DEFERRED}?{WRAPPED}=",)), *(_wrapped(part) for part in parts)]
    target = recipe.base().target
    needed = dict.fromkeys((KEY, *(names_in(target.value) if target else ())))
    return Assembly(tuple(_merged(parts)), tuple(needed), form, longest)


def _parts(recipe: Recipe) -> Iterator[Part]:
    base = recipe.base()
    yield Part((f"{DIRECT}?action={_encoded(base.action)}",))
    if base.target is not None:
        yield Part((f"&{base.target.key}=", *_pieces(base.target.value)))
    for key, value in pairs_of(base.external_data):
        yield Part((f"&{_encoded(key)}={_encoded(value)}",))
    yield Part((f"&{_encoded(recipe.key_name)}=", Field(KEY)))
    nest = Nest([])
    for key, text in recipe.external_data:
        if key != recipe.key_name:
            nest.add(key, text)
    for key, text in pairs_of(nest.data):
        fixed = any(literal for literal, _ in parts_of(text))
        yield Part((f"&{_encoded(key)}=", *_pieces(text)), () if fixed else tuple(dict.fromkeys(names_in(text))))
    if recipe.route:
        yield Part((f"&{ROUTE}={_encoded(recipe.route)}",))


def _pieces(template: str) -> Iterator[Piece]:
    for literal, name in parts_of(template):
        if literal:
            yield _encoded(literal)
        if name:
            yield Field(name)


def _wrapped(part: Part) -> Part:
    pieces = tuple(_encoded(piece) if isinstance(piece, str) else piece for piece in part.pieces)
    return Part(pieces, part.unless_empty)


def _encoded(text: str) -> str:
    return quote(text, safe="")


def _merged(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts with all that is always there in one, as far as it stands together."""
    there: list[Piece] = []
    for part in parts:
        if not part.unless_empty:
            there += part.pieces
            continue
        yield Part(_joined(there))
        yield part
        there = []
    yield Part(_joined(there))


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return tuple(found)


@dataclass(frozen=True)
class Language:
    """How a language writes the sum that is the link: a fixed text, an encoded field, a sum, a part that may go."""

    text: Callable[[str], str]
    value: Callable[[str], str]
    plus: str
    unless_empty: Callable[[tuple[str, ...], str], str]


def terms(assembly: Assembly, language: Language) -> list[str]:
    """Return the terms of the sum, as code."""
    found: list[str] = []
    for part in assembly.parts:
        written = [
            language.text(piece) if isinstance(piece, str) else language.value(piece.name) for piece in part.pieces
        ]
        if part.unless_empty:
            written = [language.unless_empty(part.unless_empty, language.plus.join(written))]
        found += written
    return found
