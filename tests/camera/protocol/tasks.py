"""Tasks and items as the tests of verdicts need them."""

from uuid import UUID

from integrations.camera.protocol.outcomes import Outcome, OutcomeType, Value
from integrations.camera.protocol.rules import read_rules
from integrations.camera.protocol.verdicts import ItemFacts, TaskFacts

FIRST, SECOND = UUID(int=1), UUID(int=2)
YES_OR_NO = read_rules([
    {"schema": {"type": "boolean", "const": True}, "sentence": "Seal present", "color": "#00aa66",
     "not_analyzed": False, "is_conformity_validated": True},
    {"schema": {"type": "boolean", "const": False}, "sentence": "Seal missing", "color": "#cc2244",
     "not_analyzed": False, "is_conformity_validated": False},
    {"schema": None, "sentence": {"en": "Not seen", "fr": "Non vu"}, "color": None, "not_analyzed": True},
])  # fmt: skip


def task(name: str = "seal", *, mandatory: bool = True, dashboard: bool = False, counts: bool = True) -> TaskFacts:
    return TaskFacts(name, OutcomeType.BOOLEAN, YES_OR_NO, mandatory, dashboard, counts)


def item(*values: Value | None, optional: tuple[bool, ...] = (), corrected: Value | None = None) -> ItemFacts:
    """An analysed item: one mandatory task for each value, one optional for each other; the first is corrected."""
    tasks = [task(f"m{number}") for number in range(len(values))]
    others = [task(f"o{number}", mandatory=False) for number in range(len(optional))]
    outcomes = {each.name: Outcome(value) for each, value in zip([*tasks, *others], [*values, *optional], strict=True)}
    if corrected is not None:
        outcomes["m0"] = Outcome(outcomes["m0"].analyzed, corrected)
    return ItemFacts((*tasks, *others), outcomes)
