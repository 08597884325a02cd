"""What the simulated site photographs. Ids belong to a version of the application, names do not."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

Row = dict[str, Any]


def rules(yes: str, no: str) -> list[Row]:
    return [
        {"schema": {"type": "boolean", "const": value}, "sentence": text, "color": colour, "not_analyzed": False}
        | {"is_conformity_validated": value}
        for value, text, colour in ((True, yes, "#00aa66"), (False, no, "#cc2244"))
    ]


def task(name: str, sentence: str, *, kind: str = "Boolean", mandatory: bool = True, judged: Any = None) -> Row:
    return {
        "name": name,
        "sentence": sentence,
        "mandatory": mandatory,
        "only_for_dashboard": False,
        "conformity_status": True,
        "outcome_display": "Select",
        "outcome_type": kind,
        "outcome_validation": judged,
    }


def groups() -> list[Row]:
    """The site's task groups, without ids."""
    serial = task("serial", "Serial number", kind="Text", mandatory=False)
    seal = task("seal_present", "Is the seal present?", judged=rules("Seal present", "Seal missing"))
    clean = task("clean", "Is it clean?", mandatory=False, judged=rules("Clean", "Dirty"))
    closed = task("closed", "Is the door closed?", judged=rules("Closed", "Open"))
    return [
        {"name": "meter_front", "description": "Front of the meter, door open", "tasks": [seal, clean, serial]},
        {"name": "meter_back", "description": "Back of the meter", "tasks": [closed]},
    ]


def example_of(group: Row) -> str:
    return f"example-{group['name']}.jpg"


class Catalogue:
    def __init__(self) -> None:
        self.version = 1
        self.groups = groups()
        # What lies at the link of a task group's example picture, where that is not a good one.
        self.examples: dict[str, bytes] = {}

    def id_of(self, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"deepomatic-simulator/{self.version}/{name}"))

    def group(self, name: str) -> Row | None:
        return next((group for group in self.groups if group["name"] == name), None)

    def shown(self, group: Row, *, files_url: str) -> Row:
        tasks = [{"id": self.id_of(f"{group['name']}/{task['name']}"), **task} for task in group["tasks"]]
        examples = [f"{files_url}/files/{example_of(group)}?sig=example"]
        place = {"order": self.groups.index(group), "input_examples": examples}
        return {"id": self.id_of(group["name"]), **group, **place, "tasks": tasks}

    def task_of(self, task_id: str) -> tuple[str, Row] | None:
        """Return group name and task of an id of the current version."""
        for group in self.groups:
            for each in group["tasks"]:
                if self.id_of(f"{group['name']}/{each['name']}") == task_id:
                    return group["name"], each
        return None
