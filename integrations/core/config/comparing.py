"""Plans and differences in words."""

from collections.abc import Iterable, Iterator

from integrations.core.config.documents import Document
from integrations.core.config.entries import Config, Found, read_config
from integrations.core.config.plain import ABSENT, Change, Path, described
from integrations.core.config.planning import CHANGE, CREATE, Action, Plan
from integrations.core.config.sections import Section, all_sections

MARKS = {CREATE: "+", CHANGE: "~"}


def plan_text(plan: Plan) -> str:
    """Return what a plan does: each row with its changes, old → new; secrets are not shown."""
    lines: list[str] = []
    section = ""
    for action in sorted(plan.writes, key=_place_in_file) + plan.removals:
        if action.section.name != section:
            section = action.section.name
            lines.append(section)
        lines += _row(MARKS.get(action.verb, "-"), action.key, _note(action), action.changes)
    return "\n".join([*lines, *(f"Note: {said}" for said in plan.remarks), summary(plan)])


def _note(action: Action) -> str:
    title = getattr(action.row, action.section.titled) if action.section.titled else ""
    return f"“{title}”, {action.verb}" if title else action.verb


def _place_in_file(action: Action) -> tuple[int, Path]:
    return [section.name for section in all_sections()].index(action.section.name), action.key


def summary(plan: Plan) -> str:
    if plan.changes_nothing:
        return f"Nothing to change: {_count(plan.unchanged)} as the file says."
    verbs = [action.verb for action in (*plan.writes, *plan.removals)]
    counts = [f"{verbs.count(verb)} to {verb}" for verb in dict.fromkeys(verbs)]
    return f"{', '.join(counts)}, {plan.unchanged} unchanged."


def _count(number: int) -> str:
    return "1 entry is" if number == 1 else f"all {number} entries are"


def _row(mark: str, key: Path, note: str, changes: Iterable[Change]) -> list[str]:
    first = f"  {mark} {' / '.join(key)}" + (f"  ({note})" if note else "")
    return [first, *(f"      {line}" for change in changes for line in described(change))]


def difference(one: Document, other: Document) -> str:
    """Return how two configurations differ; empty if they do not. :raises ConfigRefused: if one cannot be read"""
    first, second = read_config(one), read_config(other)
    return "\n".join(line for section in all_sections() for line in _of_section(section, first, second))


def _of_section(section: Section, first: Config, second: Config) -> Iterator[str]:
    olds, news = first.get(section.name, {}), second.get(section.name, {})
    lines = [line for key in sorted({*olds, *news}) for line in _of_entry(section, key, olds.get(key), news.get(key))]
    yield from [section.name, *lines] if lines else []


def _of_entry(section: Section, key: Path, old: Found | None, new: Found | None) -> list[str]:
    title = next((each.values[section.titled] for each in (new, old) if each and section.titled in each.values), "")
    note = f"“{title}”" if title else ""
    if old is None or new is None:
        values = new.values if new else {}
        changes = [each for part in section.parts for each in part.compare(ABSENT, values.get(part.name, ABSENT))]
        return _row("+" if new else "-", key, note, changes)
    changes = [
        change
        for part in section.parts
        if not (part.kept and part.name not in (old.values.keys() & new.values.keys()))
        for change in part.compare(old.values.get(part.name, part.default), new.values.get(part.name, part.default))
    ]
    return _row("~", key, note, changes) if changes else []
