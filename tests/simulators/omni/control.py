"""What a test or a demonstration can do to the simulated platform; `/_sim/…` offers the same over HTTP."""

from datetime import datetime
from typing import Any

from tests.simulators.faults import Fault
from tests.simulators.omni import golden
from tests.simulators.omni.golden import OBJECTS, Row
from tests.simulators.omni.pushing import Push
from tests.simulators.omni.state import OmniState, Settings, new_id, push_time


class OmniControl:
    def __init__(self, state: OmniState) -> None:
        self.state = state

    def happen(
        self,
        type: str = "roi",
        *,
        camera: int = 1,
        profiles: list[int] | None = None,
        at: str = "",
        images: bool = True,
        **extra: Any,
    ) -> Row:
        """An agent reports an event: it is stored, and pushed to whom it concerns. Return it as it was pushed.

        `images=False`: the agent's anonymous mode. An identification whose person was deleted is stored and not pushed
        (sheet, 8.1). `extra`: keys that nobody documented.
        """
        state = self.state
        with state.lock:
            moment = datetime.fromisoformat(at) if at else state.clock.now()
            event: Row = {"type": type, "activity_id": new_id(), "camera": self._camera(golden.camera_id(camera))}
            people = [golden.profile_id(each) for each in profiles or [1]] if type == "identification" else []
            if people:
                event["candidates"] = [self._candidate(each) for each in people]
            if type in OBJECTS:
                event[type] = dict(OBJECTS[type])
            event |= extra | {"event": self._facts(moment, images=images)}
            state.store(event)
            if all(each in state.profiles for each in people):
                state.pushing.send(self._push(event))
        return event

    def _camera(self, id: str) -> Row:
        row = self.state.cameras.get(id)
        if row is None:
            return {"id": id, "agent_id": golden.agent_id()}
        same = {name: row[name] for name in ("id", "type", "title", "stream")}
        return same | {"real_name": row["realName"], "agent_id": row["agentId"]}

    def _candidate(self, id: str) -> Row:
        row = self.state.profiles.get(id)
        if row is None:
            return {"profile": {"id": id}, "profile_groups": [], "confidence": 0.9}
        sample = row["mainSampleId"]
        profile = {"id": id, **row["info"], "avatar_id": row["avatarId"], "main_sample_id": sample}
        profile["sample_link"] = f"{self.state.public_url}/get-image/{sample}"
        return {"profile": profile, "profile_groups": self.state.group_rows(row), "confidence": 0.93}

    def _facts(self, moment: datetime, *, images: bool) -> Row:
        ids = {name: new_id() if images else None for name in ("image", "original_image")}
        base = f"{self.state.public_url}/event-service/get-image"
        links = {f"{name}_link": f"{base}/{id}" if id else None for name, id in ids.items()}
        date = push_time(moment, fraction=bool(moment.microsecond))
        return {"id": new_id(), "detection_date": date, **ids, **links}

    def _push(self, event: Row) -> Push:
        state = self.state
        audience = {each.id: each for each in state.audience(event)}
        hooks = [(each.meta["url"], each.meta["method"]) for each in audience.values() if each.type == "WEB_HOOK"]
        with state.pushing.lock:
            sockets = [each for each in state.pushing.sockets if event["type"] in each.types]
        if state.settings.release == "1.18":
            sockets = [each for each in sockets if each.endpoint in audience]
        else:
            known = {state.workspace, event["camera"]["id"], event["camera"].get("agent_id"), ""}
            sockets = [each for each in sockets if each.scope in known]
        return Push(event, tuple(sockets), tuple(hooks))

    def delete_profile(self, number: int = 1) -> None:
        self.state.profiles.pop(golden.profile_id(number), None)

    def delete_camera(self, number: int = 1) -> None:
        self.state.cameras.pop(golden.camera_id(number), None)

    def move_profile(self, number: int, groups: list[int]) -> None:
        self.state.profiles[golden.profile_id(number)]["groups"] = [golden.group_id(each) for each in groups]

    def set_settings(self, **values: Any) -> Settings:
        for name, value in values.items():
            if not hasattr(self.state.settings, name):
                raise ValueError(f"there is no setting {name}")
            setattr(self.state.settings, name, value)
        return self.state.settings

    def fault(self, kind: str, **values: Any) -> Fault:
        return self.state.faults.add(Fault(kind, **values))  # type: ignore[arg-type]  # checked by Fault itself

    def clear_faults(self) -> None:
        self.state.faults.clear(seed=0)

    def set_pushes(self, **values: Any) -> None:
        """Of the next pushes: drop, duplicate, reorder (how many), delay (s); refuse: status of handshakes."""
        for name, value in values.items():
            if not hasattr(self.state.pushing.faults, name):
                raise ValueError(f"there is no fault {name}")
            setattr(self.state.pushing.faults, name, value)

    def close_sockets(self, code: int = 1012) -> None:
        self.state.pushing.close(code=code)

    def half_open(self) -> int:
        """Every open socket goes silent without being closed; return how many."""
        return self.state.pushing.half_open()

    def drop_images(self, *ids: str) -> None:
        self.state.images_dropped |= set(ids)

    def serve_instead(self, id: str, body: bytes, *, status: int = 200, **headers: str) -> None:
        """Answer with something else than the picture of this id; underscores in names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.state.images_instead[id] = (status, named, body)

    def changes(self) -> list[tuple[str, str, str]]:
        return list(self.state.changes)

    def events(self) -> list[Row]:
        return list(self.state.events)

    def reset(self) -> None:
        self.state.pushing.reset()
        self.state.clear()
        self.state.faults.clear(seed=0)
        self.state.log.clear()
        self.state.clock.release()
