"""What a token may be allowed, as `things:verb`; each app names its own in `AppConfig.ready()`."""

from collections.abc import Mapping

from integrations.core.badges import Text

_scopes: dict[str, Text] = {}


def register(scopes: Mapping[str, Text]) -> None:
    """Add scopes, each with the words that the form of a token shows: `{"runs:read": _("read runs")}`."""
    _scopes.update(scopes)


def registered() -> list[tuple[str, Text]]:
    """Return every scope with its words, in the order of their names."""
    return sorted(_scopes.items(), key=lambda each: each[0])
