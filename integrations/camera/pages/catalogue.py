"""From draft to activated: what a version lacks, copying one, activating one."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.camera.models import CatalogueVersion, Engine, Example, Site, Task, TaskGroup
from integrations.camera.protocol.rules import RuleRefused, read_rules
from integrations.core.errors import PermanentError

OF_A_CONNECTION = {Engine.HTTP, Engine.DEEPOMATIC, Engine.HAND_OVER}
OF_A_VENDOR = {Engine.DEEPOMATIC, Engine.HAND_OVER}  # the vendor has tasks of its own


class NotReady(PermanentError):
    """This version cannot be activated; the sentences say what each task group lacks."""


class DraftExists(PermanentError):
    """A site has one draft at a time."""


def lacks(group: TaskGroup) -> Iterator[str]:
    """Yield why this task group would check nothing; the rule that stands before each activation.

    It is enough that one conformity check is on, or that there is a task and an engine that can decide it.
    """
    tasks = list(group.tasks.all())
    checks = [name for name, given in (group.checks or {}).items() if given is not False]
    if not tasks and not checks and group.engine not in OF_A_VENDOR:
        yield _("It would check nothing: switch a conformity check on, or add a task.")
    if group.engine in OF_A_CONNECTION and group.engine_connection_id is None:
        yield _("Its engine needs a connection.")
    if group.engine == Engine.SIMILAR and not group.examples.all():
        yield _("Its engine compares with an example picture, and there is none.")
    for task in tasks:
        yield from _lacks_of(task)


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
    last = site.versions.order_by("-number").values_list("number", flat=True).first() or 0
    note = _("Copy of version {number}").format(number=like.number) if like else ""
    made = CatalogueVersion.objects.create(site=site, number=last + 1, author=author[:150], note=note)
    for group in like.groups.prefetch_related("tasks", "examples") if like else ():
        _copy(group, made)
    return made


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
