"""From the bytes of a 12-megapixel photo to a verdict, engine by engine, each in a process of its own.

Measured is the work of the machine: cleaning the upload (decode, turn, encode, thumbnail), the conformity checks and
the engine; not the network to the phone, and no database. The photo is generated.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import django

from tests.camera.engines import generating

ENGINES = ("conformity alone", "barcode, QR, DataMatrix", "similar to the example", "model behind HTTP")
SIZE = (4000, 3000)


@dataclass(frozen=True)
class Pictures:
    """Seconds of one photo, sorted; CPU seconds of one; megabytes that the process has had at most, and before."""

    name: str
    latencies: list[float]
    cpu: float
    peak: float
    before: float

    def percentile(self, share: float) -> float:
        return self.latencies[int(share * (len(self.latencies) - 1))]


def measure(*, count: int) -> list[Pictures]:
    with tempfile.TemporaryDirectory(prefix="fieldport-bench-") as folder:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(
            generating.jpeg(generating.photo(0, size=SIZE))
        )  # here: to draw it takes more than to judge it
        return [_in_a_process(name, file, count=count) for name in ENGINES]


def _in_a_process(name: str, file: Path, *, count: int) -> Pictures:
    command = [sys.executable, "-m", "tests.bench.pictures", name, str(file), str(count)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return Pictures(**json.loads(done.stdout.splitlines()[-1]))


def _measured(name: str, file: Path, *, count: int) -> Pictures:
    # Django is set up before what this imports.
    from integrations.core import images  # noqa: PLC0415

    data = file.read_bytes()
    with _judging(name) as judge:
        before = _peak()
        judge(images.clean(data))
        cpu, latencies = time.process_time(), []
        for _ in range(count):
            begun = time.perf_counter()
            judge(images.clean(data))
            latencies.append(time.perf_counter() - begun)
        spent = (time.process_time() - cpu) / count
    return Pictures(name, sorted(latencies), spent, _peak(), before)


@contextmanager
def _judging(name: str) -> "Iterator[Callable[..., None]]":
    from integrations.camera.engines.checks import DEFAULT_CHECKS  # noqa: PLC0415
    from integrations.camera.engines.conformity import Conformity  # noqa: PLC0415
    from integrations.camera.engines.contract import Picture  # noqa: PLC0415
    from integrations.core.images import CleanImage  # noqa: PLC0415
    from tests.camera.engines import making  # noqa: PLC0415

    examples = [generating.jpeg(generating.photo(5, size=(1600, 1200)))]
    given = making.group(making.task("closed", "Boolean"), checks=DEFAULT_CHECKS, examples=examples)
    with _engine(name) as engine:

        def judge(image: CleanImage) -> None:
            size = (image.width, image.height)
            photo = Picture("i", image.content, image.content_type, "", *size, making.ORDER, link="/i")
            for each in (Conformity(), engine):
                if each:
                    each.analyse(photo, given, report=lambda _step: None)

        yield judge


def _engine(name: str):  # type: ignore[no-untyped-def]  # a context of an engine, or of None
    from django.conf import settings  # noqa: PLC0415

    from integrations.camera.engines import codes, http, similar  # noqa: PLC0415
    from integrations.core.http import OutboundClient  # noqa: PLC0415
    from tests.core.local_servers import serving  # noqa: PLC0415

    @contextmanager
    def asking() -> Iterator[http.Http]:
        with serving() as server:
            settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
            yield http.Http(OutboundClient(server.url))

    made = {
        ENGINES[0]: nullcontext(None),
        ENGINES[1]: nullcontext(codes.Codes()),
        ENGINES[2]: nullcontext(similar.Similar()),
    }
    return made.get(name) or asking()


def _peak() -> float:
    """Return the most that this process has had, in MB; getrusage would count what its parent had before it."""
    status = Path("/proc/self/status")
    if not status.exists():  # macOS, where getrusage counts bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    django.setup()
    print(json.dumps(asdict(_measured(sys.argv[1], Path(sys.argv[2]), count=int(sys.argv[3])))))
