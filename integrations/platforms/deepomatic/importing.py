"""The site's task groups as a catalogue of ours: names stay, and what its API does not tell is said."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from integrations.camera.models import Engine
from integrations.camera.pages.catalogue_sources import CatalogueSource, GroupRead, TaskRead, register
from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import images
from integrations.platforms.deepomatic.client import DeepomaticClient
from integrations.platforms.deepomatic.mapping import GroupTask, TaskGroup
from integrations.platforms.deepomatic.options import LABEL, SLUG

PICTURE_SECONDS = 10.0
UNKNOWN = (
    _("Its conformity checks (blur, light …) and the framing guide. Its models check each photo; ours are off."),
    _("For which work order types a task applies: here each applies to all."),
    _("Texts in another language than the one chosen above."),
)


def read(connection: Connection) -> Sequence[GroupRead]:
    """:raises FieldportError:"""
    return [_group(group) for group in DeepomaticClient(open_client(connection)).task_groups()]


def picture(connection: Connection, address: str) -> bytes:
    """Fetch an example picture by the link that the site has just given (4.5). :raises FieldportError:"""
    http = open_client(connection, allow_hosts=connection.setting("file_hosts") or ())
    http.max_bytes = images.MAX_BYTES
    return http.request("GET", address, timeout=PICTURE_SECONDS).content


def _group(group: TaskGroup) -> GroupRead:
    tasks = tuple(map(_task, group.tasks))
    return GroupRead(group.name, group.display_name, group.description, tasks, group.examples)


def _task(task: GroupTask) -> TaskRead:
    return TaskRead(
        name=task.name,
        sentence=task.sentence,
        outcome_type=task.outcome_type,
        rules=task.rules,
        mandatory=task.mandatory,
        only_for_dashboard=task.only_for_dashboard,
        counts=task.counts,
    )


def register_source() -> None:
    engines = (Engine.DEEPOMATIC, Engine.HAND_OVER)
    register(CatalogueSource(SLUG, LABEL, read=read, engines=engines, picture=picture, unknown=UNKNOWN))
