"""REST API v0.2 of the simulated site (vendor sheet, 4)."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.deepomatic.camera import a_photo
from tests.simulators.deepomatic.catalogue import Row, example_of
from tests.simulators.deepomatic.state import SITE_ID, Order, Refused, SiteState, Submitted

MOST_OF_AN_IMAGE = 5 * 1024 * 1024
IMAGE, PDF = "data:image/jpg;base64,", "data:application/pdf;base64,"
ORDER = "/v0.2/work-orders/{id}"
Handler = Callable[[Ask], Told]


class RestInterface:
    def __init__(self, state: SiteState) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/v0.2/work-orders/", self.create),
            ("GET", ORDER, self.retrieve),
            ("PATCH", ORDER, self.update),
            ("DELETE", ORDER, self.delete),
            ("POST", f"{ORDER}/analyze", self.analyze),
            ("PATCH", f"{ORDER}/tasks/{{task}}/correction", self.correct),
            ("GET", "/v0.2/task-groups/", self.task_groups),
            ("GET", "/v0.2/task-groups/{name}", self.task_group),
        ]
        # Both spellings, as the vendor's own clients use both (4.1).
        spelled = [(m, each, h) for m, path, h in table for each in {path, path.rstrip("/"), path.rstrip("/") + "/"}]
        routes = [Route(path, Endpoint(self._guarded(handler)), methods=[method]) for method, path, handler in spelled]
        return [*routes, Route("/files/{name}", Endpoint(self.file), methods=["GET"])]

    def _guarded(self, handler: Handler) -> Handler:
        def handle(ask: Ask) -> Told:
            if ask.headers.get("authorization") != f"Token {self._state.api_key}":
                return Told(403, {"detail": "Invalid token."})
            try:
                return handler(ask)
            except Refused as refusal:
                return Told(refusal.status, refusal.body)
            except ValueError:
                return Told(400, {"detail": "The body is not JSON."})

        return handle

    def create(self, ask: Ask) -> Told:
        body = _object(ask)
        name = body.pop("name", None)
        if not isinstance(name, str) or not name or len(name) > 128:
            raise Refused(400, {"name": ["This field is required, with at most 128 characters."]})
        if not all(each.isascii() and (each.isalnum() or each in "_-") for each in name):
            raise Refused(400, {"name": ["Letters, digits, _ and - only."]})
        return Told(201, self._shown(self._state.create(name, body.pop("metadata", None), **body)))

    def retrieve(self, ask: Ask) -> Told:
        with_inputs = ask.query.get("include_inputs", "true").lower() != "false"
        return Told(200, self._shown(self._state.order(ask.params["id"]), inputs=with_inputs))

    def update(self, ask: Ask) -> Told:
        order, body = self._state.order(ask.params["id"]), _object(ask)
        order.name, order.metadata = body.get("name", order.name), body.get("metadata", order.metadata)
        return Told(200, self._shown(order))

    def delete(self, ask: Ask) -> Told:
        self._state.delete(ask.params["id"])
        return Told(204)

    def analyze(self, ask: Ask) -> Told:
        order = self._state.order(ask.params["id"])
        given = {each["name"]: each["data"]["value"] for each in _object(ask)["inputs"]}
        if set(given) != {"image_input", "context"}:
            raise Refused(400, {"inputs": ["image_input and context are expected."]})
        submitted = _submitted(given["context"], given["image_input"])
        analysis, tasks = self._state.submit(order, submitted)
        failed = any("error" in str(each)[:24] for each in submitted.messages)
        told = {"id": analysis, "progress_score": self._state.progress(order), "tasks": [] if failed else tasks}
        return Told(200, told | {"conformity_messages": submitted.messages} | self._state.spelling)

    def correct(self, ask: Ask) -> Told:
        body = _object(ask)
        if "corrected_value" not in body:
            raise Refused(400, {"corrected_value": ["This field is required."]})
        order = self._state.order(ask.params["id"])
        return Told(200, self._state.correct(order, ask.params["task"], body["corrected_value"]))

    def task_groups(self, ask: Ask) -> Told:
        shown = [self._group(group) for group in self._state.catalogue.groups]
        return Told(200, {"results": shown} if self._state.spelling.get("paged") else shown)

    def task_group(self, ask: Ask) -> Told:
        group = self._state.catalogue.group(ask.params["name"])
        if group is None:
            raise Refused(404, {"detail": "Not found."})
        return Told(200, self._group(group))

    def file(self, ask: Ask) -> Told:
        """A signed link: who shows a key here has sent it to a stranger."""
        if "authorization" in ask.headers:
            return Told(400, {"detail": "A signed link takes no Authorization."})
        kept = next((each for each in self._state.catalogue.groups if example_of(each) == ask.params["name"]), None)
        if kept is not None and ask.query.get("sig") == "example":
            lies = self._state.catalogue.examples.get(kept["name"])
            return Told(200, lies or a_photo(kept["name"]), content_type="image/jpeg")
        inputs = [each for order in self._state.orders.values() for each in order.inputs]
        found = next((each for each in inputs if f"{each.id}.jpg" == ask.params["name"]), None)
        if found is None or ask.query.get("sig") != f"sig-{found.id[:8]}":
            return Told(403, b"<Error>AccessDenied</Error>", content_type="application/xml")
        return Told(200, found.content, content_type=found.content_type)

    def _group(self, group: Row) -> Row:
        return self._state.catalogue.shown(group, files_url=self._state.files_url)

    def _shown(self, order: Order, *, inputs: bool = True) -> Row:
        state = self._state
        groups = [self._group(group) for group in state.catalogue.groups]
        given = ("field_engineer_email", "user_group_ids", "work_order_types")
        return {
            "id": order.id,
            "name": order.name,
            "site_id": SITE_ID,
            "create_date": order.created,
            "update_date": order.updated,
            "review_date": None,
            "first_analysis_id": order.analyses[0] if order.analyses else None,
            "latest_analysis_id": order.analyses[-1] if order.analyses else None,
            "assigned_user_id": None,
            "engage_app_id": state.catalogue.id_of("app"),
            "tags": order.fields.get("tags", []),
            "parameters": {},
            "metadata": order.metadata,
            "progress_score": state.progress(order),
            "task_groups": [{**each, "tasks": [task["id"] for task in each["tasks"]]} for each in groups],
            "tasks": [task for group in groups for task in state.tasks_shown(order, group["name"])],
            **({"inputs": [self._input(each) for each in order.inputs]} if inputs else {}),
            **{name: order.fields.get(name) for name in given},
        }

    def _input(self, row: Submitted) -> Row:
        url = row.url or f"{self._state.files_url}/files/{row.id}.jpg?sig=sig-{row.id[:8]}"
        shown = {"id": row.id, "url": url, "context": row.context, "create_date": row.at}
        return shown | {"conformity_messages": row.messages}


def _object(ask: Ask) -> Row:
    body: Any = ask.json()
    if not isinstance(body, dict):
        raise Refused(400, {"detail": "The body is a JSON object."})
    return body


def _submitted(context: str, value: str) -> Submitted:
    if value.startswith(("http://", "https://")):
        return Submitted(str(uuid4()), context, url=value)
    kind = next((each for each in (IMAGE, PDF) if value.startswith(each)), None)
    if kind is None:
        raise Refused(400, {"detail": "A data URI begins with data:image/jpg;base64,"})
    if len(value) > MOST_OF_AN_IMAGE * (1 if kind == IMAGE else 1.6):
        raise Refused(413, {"detail": "At most 5 MB."})
    try:
        content = base64.b64decode(value.removeprefix(kind), validate=True)
    except binascii.Error:
        raise Refused(400, {"detail": "This is not base64."}) from None
    return Submitted(str(uuid4()), context, content, "image/jpeg" if kind == IMAGE else "application/pdf")
