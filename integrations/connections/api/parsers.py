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
    max_bytes = MAX_BYTES
    as_it_is = True

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise BodyTooLarge(f"The body has more than {self.max_bytes} bytes.")
        try:
            return safe_json.parse(data, max_bytes=self.max_bytes, max_depth=MAX_DEPTH, as_it_is=self.as_it_is)
        except safe_json.UnreadableJSON as error:
            raise ParseError(str(error), code="unreadable_json") from error
