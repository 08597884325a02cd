"""What engines are given, in few words."""

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from integrations.camera.engines.contract import Earlier, GroupFacts, OrderFacts, Picture, TaskFacts
from tests.camera.engines.generating import jpeg

ORDER = OrderFacts(uuid="o-1", name="Dupont", metadata={"city": "Lyon"})


def picture(
    shown: Image.Image | bytes,
    *,
    content_type: str = "image/jpeg",
    language: str = "en",
    earlier: Sequence[Earlier] = (),
    size: tuple[int, int] = (0, 0),
) -> Picture:
    content = shown if isinstance(shown, bytes) else jpeg(shown)
    width, height = size if isinstance(shown, bytes) else shown.size
    return Picture(
        uuid="i-1",
        content=content,
        content_type=content_type,
        sha256="0" * 64,
        width=width,
        height=height,
        order=ORDER,
        link="https://fieldport.example/photos/1",
        earlier=lambda: earlier,
        language=language,
    )


def group(
    *tasks: TaskFacts,
    checks: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    examples: Sequence[bytes] = (),
) -> GroupFacts:
    return GroupFacts(
        uuid="g-1",
        name="ONT",
        checks=checks or {},
        settings=settings or {},
        tasks=tasks,
        examples=tuple((lambda content=content: content) for content in examples),  # type: ignore[misc]
    )


def task(name: str, outcome_type: str = "Text") -> TaskFacts:
    return TaskFacts(uuid=f"t-{name}", name=name, outcome_type=outcome_type)


class Reported(list[str]):
    """Remembers what an engine said while it worked."""

    def __call__(self, step: str) -> None:
        self.append(step)
