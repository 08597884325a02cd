"""Labels of a printed sheet: one per order, its codes as large as its place allows, never smaller than scans well."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.badges import Text
from integrations.platforms.worklink.links.issuing import code_of, issue_many
from integrations.platforms.worklink.links.qr import MILLIMETRES, Code
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from integrations.workorders.models import WorkOrder

LARGEST_MODULE = 1.0  # millimetres
# What stands around a code in its cell, in millimetres: as sheet.css has it.
PADDING, BETWEEN, WORDS, CAPTION = 3.0, 3.0, 14.0, 3.0


@dataclass(frozen=True)
class Grid:
    """So many labels beside and below each other."""

    columns: int
    rows: int

    @property
    def count(self) -> int:
        return self.columns * self.rows

    @property
    def label(self) -> str:
        return f"{self.count} ({self.columns} × {self.rows})"


@dataclass(frozen=True)
class Cell:
    """The place of one label, in millimetres."""

    width: float
    height: float

    def room(self, codes: int) -> float:
        """Return how wide each of so many codes side by side may be."""
        across = (self.width - 2 * PADDING - BETWEEN * (codes - 1)) / codes
        words = WORDS + (CAPTION if codes > 1 else 0.0)
        return min(across, self.height - 2 * PADDING - words)


@dataclass(frozen=True)
class Paper:
    """What can be printed on, in millimetres, without the margins."""

    label: Text
    width: float
    height: float

    def cell(self, grid: Grid) -> Cell:
        return Cell(self.width / grid.columns, self.height / grid.rows)


PAPERS = {"a4": Paper("A4", 190.0, 276.0), "letter": Paper(gettext_lazy("Letter"), 195.0, 258.0)}
GRIDS = {str(grid.count): grid for grid in (Grid(1, 2), Grid(2, 2), Grid(2, 4), Grid(3, 4), Grid(4, 6))}


@dataclass(frozen=True)
class Printed:
    """One code of a label, fetched from its address; `form` is said beside it where there are two."""

    address: str
    side: str
    form: str


@dataclass(frozen=True)
class Label:
    order: WorkOrder
    key: str
    codes: list[Printed]


@dataclass(frozen=True)
class LeftOut:
    order: WorkOrder
    key: str
    reason: str


def labels_of(
    template: LinkTemplate, orders: Sequence[WorkOrder], forms: Sequence[str], cell: Cell
) -> tuple[list[Label], list[LeftOut]]:
    """Give the links out, and return the labels and what has none, both in the order of the orders."""
    labels, left_out = [], []
    for offer in issue_many([template], orders):
        order = offer.work_order
        try:
            if offer.refusal is not None or offer.link is None:
                raise offer.refusal or LinkRefused("changed", _("The order changed just now. Print it again."))
            labels.append(Label(order, _key(offer.link), _printed(offer.link, forms, cell)))
        except LinkRefused as refused:
            key = _key(offer.link) if offer.link else str(order)
            left_out.append(LeftOut(order, key, refused.sentence))
    return labels, left_out


def sheets_of(labels: Sequence[Label], count: int) -> list[Sequence[Label]]:
    return [labels[first : first + count] for first in range(0, len(labels), count)]


def _key(link: IssuedLink) -> str:
    """Return the order's key as the link carries it: for a human check."""
    return str(link.external_data.get(link.template.recipe().key_name, ""))


def _printed(link: IssuedLink, forms: Sequence[str], cell: Cell) -> list[Printed]:
    """Raises LinkRefused: `too_long`, `too_small`."""
    room, found = cell.room(len(forms)), []
    for form in forms:
        modules = _modules(len(code_of(link, form).url))
        address = reverse("admin:worklink_code", args=[link.pk, form, "svg"])
        found.append(Printed(address, f"{_module(modules, room) * modules:.2f}mm", form if len(forms) > 1 else ""))
    return found


@lru_cache(maxsize=256)
def _modules(length: int) -> int:
    """Return how many modules wide the code of so many characters is; drawing one takes 18 ms. Raises LinkRefused."""
    return round(Code("x" * length).print_width / MILLIMETRES)


def _module(modules: int, room: float) -> float:
    """Return the width of a module in millimetres. Raises LinkRefused: `too_small`."""
    if room < modules * MILLIMETRES:
        said = _("Its code needs {needed} mm and has {room} mm. Take fewer labels per page.")
        raise LinkRefused("too_small", said.format(needed=f"{modules * MILLIMETRES:.1f}", room=f"{room:.1f}"))
    return min(LARGEST_MODULE, room / modules)
