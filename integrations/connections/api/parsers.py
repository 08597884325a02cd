"""Request bodies: JSON under caps, with a clear answer to whatever else comes."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from integrations.core import safe_json
from integrations.core.problems import BodyTooLarge

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8


class StrictJSONParser(BaseParser):
    """Reads at most 64 KiB of JSON. NUL and half surrogate pairs are left for the fields to refuse by name."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BodyTooLarge(f"The body has more than {MAX_BYTES} bytes.")
        try:
            return safe_json.parse(data, max_depth=MAX_DEPTH, as_it_is=True)
        except safe_json.UnreadableJSON as error:
            raise ParseError(str(error), code="unreadable_json") from error
