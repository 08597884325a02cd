"""The simulators of a demonstration as one process on loopback: `python -m tests.simulators`."""

import argparse
import json
import os
import signal
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit

from tests.simulators.deepomatic.state import Submitted
from tests.simulators.field_app import FieldApp
from tests.simulators.keeping import Keeper
from tests.simulators.omni.control import OmniControl
from tests.simulators.record.app import build_app as build_record
from tests.simulators.record.control import RecordControl
from tests.simulators.record.state import RecordState
from tests.simulators.running import running_deepomatic, running_omni
from tests.simulators.serving import Served
from tests.simulators.story import Story, plant_orders
from tests.simulators.worklink.app import build_app as build_worklink
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.state import WorkLinkState

LISTENER_SECONDS = 120.0


def main() -> None:
    options = _options()
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    worklink, record = WorkLinkControl(WorkLinkState()), RecordControl(RecordState())
    with ExitStack() as stack:
        if options.data:
            stack.enter_context(_kept(options.data, worklink, record))
        apps = [(build_worklink(worklink), options.worklink_port), (build_record(record.state), options.record_port)]
        served = stack.enter_context(Served(apps))
        stack.callback(worklink.state.outgoing.close)
        worklink.state.public_url, record.state.public_url = served.urls
        if options.deepomatic_port is not None:
            stack.enter_context(_photographed(options.deepomatic_port))
        watch = options.omni_port is not None
        omni = stack.enter_context(running_omni(port=options.omni_port)).control if watch else None
        worklink.listen(*options.webhook_url, variant=options.variant)
        if options.demo:
            stack.enter_context(_playing(worklink, record, omni, options, stopped))
        print(json.dumps({"worklink": served.urls[0], "record": served.urls[1]}), flush=True)
        stopped.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    parser.add_argument("--worklink-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--record-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--deepomatic-port", type=int, help="a Deepomatic site too")
    parser.add_argument("--omni-port", type=int, help="an OMNI Platform too, which begins anew at each start")
    parser.add_argument("--webhook-url", action="append", default=[], help="generation A goes there; repeatable")
    parser.add_argument("--variant", choices=("A1", "A2", "mixed"), default="A1")
    parser.add_argument("--demo", action="store_true", help="play the endless story")
    parser.add_argument("--pace", type=float, default=8.0, help="seconds for each scene of the story")
    parser.add_argument("--data", type=Path, help="keep the data in this JSON file")
    return parser.parse_args()


@contextmanager
def _kept(path: Path, worklink: WorkLinkControl, record: RecordControl) -> Iterator[None]:
    keeper = Keeper(path, {"worklink": worklink.state, "record": record.state})
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


@contextmanager
def _photographed(port: int) -> Iterator[None]:
    """A Deepomatic site, which begins anew at each start. Its models find one door of four open."""
    with running_deepomatic(port=port) as site:
        site.control.answer(closed=_closed)
        yield


def _closed(photo: Submitted) -> bool:
    return zlib.crc32(photo.content) % 4 > 0


def _field_app(options: argparse.Namespace) -> FieldApp | None:
    """The customer's app knows the portal by the address of its webhooks, and a key from whoever started us."""
    key, known = os.environ.get("DEMO_CAMERA_KEY"), urlsplit("".join(options.webhook_url[:1]))
    return FieldApp(f"{known.scheme}://{known.netloc}", key) if key and known.netloc else None


@contextmanager
def _playing(
    worklink: WorkLinkControl,
    record: RecordControl,
    omni: OmniControl | None,
    options: argparse.Namespace,
    stopped: Event,
) -> Iterator[None]:
    """The story, which begins as soon as the portal listens."""
    plant_orders(record)
    story = Story(worklink, record, pace=options.pace, field_app=_field_app(options), omni=omni)

    def begin() -> None:
        _wait_for(options.webhook_url, stopped)
        if not stopped.is_set():
            story.run()

    Thread(target=begin, name="story", daemon=True).start()
    try:
        yield
    finally:
        story.stop()


def _wait_for(urls: list[str], stopped: Event) -> None:
    deadline = time.monotonic() + LISTENER_SECONDS
    while urls and time.monotonic() < deadline and not _answers(urls[0]) and not stopped.wait(0.5):
        pass


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except HTTPError:
        return True  # somebody is there
    except OSError:
        return False


if __name__ == "__main__":
    main()
