"""What of this platform an admin configures beside its connections: how links are made, and when sessions and calls are
imported."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from integrations.core import cron
from integrations.core.config import Section, register
from integrations.core.config.documents import Place
from integrations.core.config.parts import Column, Entry, Link, columns
from integrations.core.config.plain import Change, Plain
from integrations.platforms.worklink.links.grammar import direct_of
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import ImportSchedule, LinkTemplate
from integrations.platforms.worklink.options import SLUG


class BaseLink(Column):
    """Always written out, in its direct form: what a file says is what is stored."""

    def __init__(self) -> None:
        super().__init__(LinkTemplate, "base_link")
        self.required = True

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        with suppress(LinkRefused):  # the row's own check says why
            value = direct_of(value) if isinstance(value, str) else value
        return super().read(value, place, entry)


class ExternalData(Column):
    """Pairs in their order; an object is taken for its pairs."""

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        pairs = [list(each) for each in value.items()] if isinstance(value, dict) else value
        return super().read(pairs, place, entry)


class LinkTemplates(Section):
    name, model, key = "link_templates", LinkTemplate, ("connection", "slug")
    parts = (
        *columns(LinkTemplate, "name", "purpose"),
        BaseLink(),
        ExternalData(LinkTemplate, "external_data"),
        Link(LinkTemplate, "system"),
        *columns(LinkTemplate, "form", "longest", "plus_is_space", "with_lnk", "with_sor", "automatic", "enabled"),
    )

    def refusal(self, row: LinkTemplate) -> str:
        if row.issued.exists():
            return f"“{row}” has issued links, which must stay known. Set “enabled: false” instead."
        return ""


class ImportSchedules(Section):
    """One for each connection at most; the entry is called as the connection."""

    name, model, key = "import_schedules", ImportSchedule, ("connection",)
    parts = columns(ImportSchedule, "cron", "time_zone", "enabled")

    def check(self, row: Any, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        yield from cron.schedule_problems(row.cron, row.time_zone)
        if row.connection.platform != SLUG:
            yield "", f"“{row.connection.slug}” is not a WorkLink connection; only those are imported from."


def register_sections() -> None:
    register(LinkTemplates())
    register(ImportSchedules())
