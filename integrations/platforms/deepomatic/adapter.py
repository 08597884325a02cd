"""The adapter. The vendor sends no webhooks (vendor sheet, 4.3), so there is nothing to receive."""

from collections.abc import Sequence
from typing import ClassVar

from integrations.core.errors import PermanentError
from integrations.core.platforms import Fetch, Fetched, Incoming, InvalidSignature, Notice, Received, Unwanted
from integrations.platforms.deepomatic.options import LABEL, SLUG

NO_WEBHOOKS = f"{LABEL} documents no webhooks: verdicts are read when the camera has a photo."


class DeepomaticAdapter:
    slug: ClassVar[str] = SLUG
    label: ClassVar[str] = LABEL
    not_found_schedule: ClassVar[Sequence[float]] = ()

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        raise InvalidSignature(NO_WEBHOOKS)

    def delivery_key(self, request: Incoming) -> str | None:
        return None

    def notices(self, received: Received) -> Sequence[Notice]:
        raise Unwanted(NO_WEBHOOKS)

    def take(self, received: Received) -> str:
        raise Unwanted(NO_WEBHOOKS)

    def fetch(self, order: Fetch) -> Fetched:
        raise PermanentError(NO_WEBHOOKS)
