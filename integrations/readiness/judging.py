"""The state of each question, and what keeps the connection from going live. Pure: it judges what it is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.badges import Text
from integrations.readiness.choices import HasField, YesNo
from integrations.readiness.models import Item, Questionnaire, document_of
from integrations.readiness.validation import inside_others
from integrations.readiness.ways import is_answered, is_written

ANSWERED, OPEN, BLOCKS = "answered", "open", "blocks"
WORDS: dict[str, Text] = {
    ANSWERED: gettext_lazy("answered"),
    OPEN: gettext_lazy("open"),
    BLOCKS: gettext_lazy("blocks go-live"),
}
TONES = {ANSWERED: "ok", OPEN: "wait", BLOCKS: "bad"}


@dataclass(frozen=True)
class Judged:
    """One question: its state, the answer in words, and a sentence for each thing that keeps from going live."""

    number: int
    question: Text
    state: str
    answer: Text
    blockers: tuple[str, ...] = ()

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def word(self) -> Text:
        return WORDS[self.state]


def judge(questionnaire: Questionnaire, items: Sequence[Item]) -> list[Judged]:
    """Return the five questions as they stand."""
    return [
        _links(questionnaire),
        _api(questionnaire),
        _collected(items),
        _fields(questionnaire, items),
        _updates(questionnaire, items),
    ]


def blockers(judged: Sequence[Judged]) -> list[str]:
    return [sentence for each in judged for sentence in each.blockers]


def _links(row: Questionnaire) -> Judged:
    question = _("Can the system create a deep link for each request?")
    if not row.deep_links:
        return Judged(1, question, OPEN, _("Not answered yet. It does not block."))
    if row.deep_links == YesNo.NO:
        return Judged(1, question, ANSWERED, _("No: each request gets a link page that Fieldport serves."))
    attached = document_of(row)
    if not attached:
        return Judged(1, question, OPEN, _("Yes; the documentation is not attached yet. It does not block."))
    return Judged(1, question, ANSWERED, _("Yes, by {document}.").format(document=attached))


def _api(row: Questionnaire) -> Judged:
    question = _("Can requests be updated through an API?")
    if not row.api:
        return Judged(2, question, OPEN, _("Not answered yet; without it no mapping can be made."))
    if not row.writes:
        return Judged(2, question, ANSWERED, _("No: what is collected leaves by scheduled exports only."))
    return Judged(2, question, ANSWERED, _("Yes, by {api}.").format(api="GraphQL" if row.is_graphql else "REST"))


def _collected(items: Sequence[Item]) -> Judged:
    question = _("Which data should be collected into the request?")
    if not items:
        said = _("Question 3: nothing is chosen. Choose at least one fact.")
        return Judged(3, question, BLOCKS, _("Nothing is chosen."), (said,))
    return Judged(3, question, ANSWERED, ", ".join(map(str, items)))


def _fields(row: Questionnaire, items: Sequence[Item]) -> Judged:
    question = _("Does the request have a field for each of them?")
    if not row.writes:
        return Judged(4, question, ANSWERED, _("Does not apply: nothing is written."))
    found = (*_no_field(items), *_clashes(items))
    if found:
        return Judged(4, question, BLOCKS, " ".join(found), found)
    later = [each.target for each in items if each.field == HasField.TO_CREATE]
    said = _("Each has one.") if items else _("Nothing is chosen.")
    if later:
        said = _("Each has one; to be created: {names}.").format(names=", ".join(later))
    return Judged(4, question, ANSWERED if items else OPEN, said)


def _no_field(items: Sequence[Item]) -> Iterator[str]:
    for each in items:
        if each.field == HasField.NO:
            words = _("Question 4: {item} has no field. Name one, have one created, or do not collect it.")
            yield words.format(item=each)
        elif not is_written(each):
            yield _("Question 4: it is not answered whether there is a field for {item}.").format(item=each)


def _clashes(items: Sequence[Item]) -> Iterator[str]:
    by_source: dict[str, list[str]] = {}
    for each in items:
        if is_written(each):
            by_source.setdefault(each.source_type, []).append(each.target)
    for targets in by_source.values():
        yield from (_("Question 4: {problem}").format(problem=problem) for _name, problem in inside_others(targets))


def _updates(row: Questionnaire, items: Sequence[Item]) -> Judged:
    question = _("How does the API update each of those fields?")
    if not row.writes:
        return Judged(5, question, ANSWERED, _("Does not apply: nothing is written."))
    words = _("Question 5: it is not answered how {item} is updated: {missing}.")
    found = tuple(
        words.format(item=each, missing=_("its type") if not each.type else _("method and path, or mutation"))
        for each in items
        if each.field != HasField.NO and not is_answered(row, each)
    )
    if found:
        return Judged(5, question, BLOCKS, " ".join(found), found)
    said = _("It is known for each.") if items else _("Nothing is chosen.")
    return Judged(5, question, ANSWERED if items else OPEN, said)
