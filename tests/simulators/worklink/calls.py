"""Remote-assistance calls: the record is stored, and notified, after the call has ended (plus an early create)."""

from typing import Any

from tests.simulators.engine.resolving import Doc
from tests.simulators.worklink.files import photo as picture
from tests.simulators.worklink.sessions import named, seconds_between
from tests.simulators.worklink.state import WorkLinkState
from tests.simulators.worklink.webhooks import Notifier

VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00"


class Calls:
    def __init__(self, state: WorkLinkState, notifier: Notifier) -> None:
        self._state = state
        self._notifier = notifier

    def start(
        self, *, external_data: dict[str, Any] | None = None, caller: str | None = None, callee: str | None = None
    ) -> Doc:
        """`caller` and `callee`: a name, a call id or a global id; by default the first user calls an expert."""
        with self._state.lock:
            people = named(self._state, "User", caller), named(self._state, "User", callee or "Dmitri Orlov")
            now = self._state.now()
            call = self._state.nodes.create(
                "CallSession",
                state="RINGING",
                startedAt=now,
                connectedAt=None,
                endedAt=None,
                duration=0.0,
                externalData=external_data or {},
                createdBy=people[0]["id"],
                _participants=[{"user": people[0]["id"], "role": "CALLER", "joinedAt": now, "leftAt": None}],
                _callee=people[1]["id"],
                _attachments=[],
                _group=self._state.nodes.all("Group")[0]["id"],
            )
            if self._state.webhooks.early_call_create:
                self._notifier.changed(call, "created")
            return call

    def connect(self, call: Doc) -> Doc:
        with self._state.lock:
            now = self._state.now()
            call["state"], call["connectedAt"] = "CONNECTED", now
            call["_participants"].append({"user": call["_callee"], "role": "CALLEE", "joinedAt": now, "leftAt": None})
            return call

    def screenshot(self, call: Doc, *, name: str = "screenshot") -> Doc:
        with self._state.lock:
            doc = self._state.nodes.create("Attachment", name=f"{name}.jpg", type="photo", _group=call["_group"])
            data = picture(doc["id"], self._state.settings.photo_side)
            doc |= {"fileName": f"{name}.jpg", "fileSize": len(data), "fileContentType": "image/jpeg"}
            call["_attachments"].append(doc["id"])
            return doc

    def record(self, call: Doc, *, name: str = "recording") -> Doc:
        """Only the first bytes of a video: nobody downloads it but a person's browser."""
        with self._state.lock:
            doc = self._state.nodes.create("Attachment", name=f"{name}.mp4", type="video", _group=call["_group"])
            doc |= {
                "fileName": f"{name}.mp4",
                "fileSize": len(VIDEO),
                "fileContentType": "video/mp4",
                "_content": VIDEO,
            }
            call["_attachments"].append(doc["id"])
            return doc

    def end(self, call: Doc) -> Doc:
        """A call that nobody answered has a duration of 0."""
        with self._state.lock:
            now = self._state.now()
            call["state"] = "ENDED" if call["connectedAt"] else "MISSED"
            call["endedAt"] = now
            call["duration"] = seconds_between(call["connectedAt"], now) if call["connectedAt"] else 0.0
            for participant in call["_participants"]:
                participant["leftAt"] = now
            self._notifier.changed(call, "finished" if self._state.webhooks.early_call_create else "created")
            return call
