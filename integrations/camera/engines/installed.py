"""The engines that come with Fieldport, and what a task group needs so that it checks something."""

from integrations.camera.engines import codes, contract, http, similar
from integrations.camera.engines.checks import SettingsRefused, read_checks
from integrations.camera.engines.conformity import Conformity
from integrations.camera.engines.contract import CONFORMITY, EngineFailed, GroupFacts, Opening
from integrations.camera.models import Engine
from integrations.camera.protocol.outcomes import OutcomeType
from integrations.connections.services import open_client

NO_CONNECTION = "A model behind HTTP needs a connection; choose one in the task group."


def register() -> None:
    """Offer them to the analyses. Manual review is no engine: it is what happens where none decides."""
    contract.register(CONFORMITY, lambda _opening: Conformity())
    contract.register(Engine.CODE, lambda _opening: codes.Codes())
    contract.register(Engine.SIMILAR, lambda _opening: similar.Similar())
    contract.register(Engine.HTTP, _http)


def problems(group: GroupFacts, *, engine: str, has_connection: bool) -> list[str]:
    """Return why a task group cannot be activated, as sentences; none: it can.

    One that would check nothing is refused: its photos would pass whatever they show.
    """
    found: list[str] = []
    checks = 0
    try:
        checks = len(read_checks(group.checks))
    except SettingsRefused as error:
        found.append(str(error))
    if group.tasks:
        found += _of_engine(group, engine, has_connection=has_connection)
    elif not checks and not found:
        found.append(f"The task group {group.name!r} would check nothing: give it a conformity check or a task.")
    return found


def _of_engine(group: GroupFacts, engine: str, *, has_connection: bool) -> list[str]:
    """Return what is missing so that the engine can decide on the tasks."""
    found: list[str] = []
    try:
        if engine == Engine.CODE:
            codes.read_options(group)
        elif engine == Engine.SIMILAR:
            similar.read_threshold(group)
            found += _of_examples(group)
        elif engine == Engine.HTTP:
            found += [] if has_connection else [NO_CONNECTION]
            found += _undecided(group, {*http.read_options(group).outcomes})
        elif engine in (Engine.DEEPOMATIC, Engine.HAND_OVER):
            found += [] if has_connection else ["The vendor's engine needs a connection; choose one in the task group."]
            contract.check_settings(engine, group)
    except SettingsRefused as error:
        found.append(str(error))
    return found


def _of_examples(group: GroupFacts) -> list[str]:
    found = [] if group.examples else [f"The task group {group.name!r} has no example photo to compare with."]
    decided = {task.name for task in group.tasks if task.outcome_type != OutcomeType.TEXT}
    return found + _undecided(group, decided)


def _undecided(group: GroupFacts, decided: set[str]) -> list[str]:
    """Name mandatory tasks that the engine would always leave open: such an item could never be in order."""
    return [
        f"The engine does not decide on the mandatory task {task.name!r}: change the settings, or choose manual review."
        for task in group.tasks
        if task.mandatory and task.name not in decided
    ]


def _http(opening: Opening) -> http.Http:
    if opening.connection is None:
        raise EngineFailed(NO_CONNECTION)
    return http.Http(open_client(opening.connection, claim=opening.claim))
