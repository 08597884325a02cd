"""From draft to activated: what a version lacks, copying one, activating one."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.camera.engines import installed
from integrations.camera.engines.contract import GroupFacts, TaskFacts
from integrations.camera.models import CatalogueVersion, Example, Site, Task, TaskGroup
from integrations.camera.protocol.rules import RuleRefused, read_rules
from integrations.core.errors import PermanentError


class NotReady(PermanentError):
    """This version cannot be activated; the sentences say what each task group lacks."""


class DraftExists(PermanentError):
    """A site has one draft at a time."""


def lacks(group: TaskGroup) -> list[str]:
    """Return why this task group cannot be activated: by the rule of the engines, and the rules of each task."""
    has_connection = group.engine_connection_id is not None
    return lacking(group, list(group.tasks.all()), examples=len(group.examples.all()), has_connection=has_connection)


def lacking(group: TaskGroup, tasks: Sequence[Task], *, examples: int, has_connection: bool) -> list[str]:
    """As `lacks`, of rows that need not be stored."""
    facts = GroupFacts(
        uuid=str(group.uuid),
        name=group.name,
        checks=group.checks,
        settings=group.engine_settings,
        tasks=tuple(map(_task, tasks)),
        examples=(bytes,) * examples,
    )
    found = installed.problems(facts, engine=group.engine, has_connection=has_connection)
    return found + [problem for task in tasks for problem in _lacks_of(task)]


def _task(task: Task) -> TaskFacts:
    return TaskFacts(
        uuid=str(task.uuid),
        name=task.name,
        outcome_type=task.outcome_type,
        rules=task.rules(),
        mandatory=task.mandatory,
        only_for_dashboard=task.only_for_dashboard,
    )


def _lacks_of(task: Task) -> Iterator[str]:
    try:
        read_rules(task.outcome_validation)
    except RuleRefused as error:
        yield f"{task.name}: {error}"


def problems(version: CatalogueVersion) -> list[str]:
    """Return all that keeps a version from being activated, with the task group's name before each."""
    groups = list(version.groups.prefetch_related("tasks", "examples"))
    found = [f"{group.name}: {each}" for group in groups for each in lacks(group)]
    return found if groups else [_("It has no task group.")]


@transaction.atomic
def activate(version: CatalogueVersion, *, now: datetime) -> None:
    """Make it the version that new orders begin with; an earlier one: go back to it. :raises NotReady:"""
    if found := problems(version):
        raise NotReady(" ".join(found))
    if version.published_at is None:
        version.published_at = now
        version.save(update_fields=["published_at"])
    site = Site.objects.select_for_update().get(pk=version.site_id)
    site.active_version = version
    site.save(update_fields=["active_version"])


@transaction.atomic
def draft_of(site: Site, *, like: CatalogueVersion | None, author: str) -> CatalogueVersion:
    """Make the site's draft, empty or as a copy of a version. :raises DraftExists:"""
    site = Site.objects.select_for_update().get(pk=site.pk)
    if open_draft := site.versions.filter(published_at__isnull=True).first():
        raise DraftExists(_("{draft} is a draft already: activate or delete it first.").format(draft=open_draft))
    note = _("Copy of version {number}").format(number=like.number) if like else ""
    made = CatalogueVersion.objects.create(site=site, number=next_number(site), author=author[:150], note=note)
    for group in like.groups.prefetch_related("tasks", "examples") if like else ():
        _copy(group, made)
    return made


def next_number(site: Site) -> int:
    return (site.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _copy(group: TaskGroup, version: CatalogueVersion) -> None:
    """Names stay, ids are new; the files of examples are shared."""
    tasks, examples = list(group.tasks.all()), list(group.examples.all())
    made = TaskGroup.objects.create(**_values(group), version=version)
    Task.objects.bulk_create(Task(**_values(task), group=made) for task in tasks)
    Example.objects.bulk_create(Example(**_values(example), group=made) for example in examples)


def _values(row: TaskGroup | Task | Example) -> dict[str, object]:
    """Return what a copy has in common: all but the ids and what it hangs on."""
    own = [each for each in row._meta.concrete_fields if each.name not in ("id", "uuid", "version", "group")]
    return {each.attname: getattr(row, each.attname) for each in own}
