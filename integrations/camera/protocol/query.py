"""The query string of a visit, as the browser had it, read into parameters (2.3, 2.5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from integrations.camera.protocol.errors import QueryTooLong
from integrations.camera.protocol.opaque import text_of
from integrations.core.safe_json import storable

MOST_BYTES = 8192
CALLBACK_NAMES = ("callback_URI", "callback_uri", "callback_url")
# Raw base64 arrives in the first two (2.5); an address has no space in it, so a `+` in one is meant as such.
PLUS_IS_KEPT = frozenset({"state", "wo_metadata", *CALLBACK_NAMES})


@dataclass(frozen=True)
class Parameters:
    """What a visit was sent with. Missing and empty are the same, except for `state`: None is none, "" an empty one.

    `state` is to be stored and given back as it is here, and only by `callbacks.build` (see `opaque`).
    `duplicates`: the names that came more than once, for the log (5.19).
    """

    task_group_name: str = ""
    work_order_id: str = ""
    work_order_name: str = ""
    wo_metadata: str = ""
    type_names: tuple[str, ...] = ()
    callback: str = ""
    state: str | None = field(default=None, repr=False)
    use_fragment: bool = False
    site_id: str = ""
    org_slug: str = ""
    duplicates: tuple[str, ...] = ()


def read_query(raw: str) -> Parameters:
    """Read the raw query string, without its `?`. The first of a name wins (5.19); unknown names are ignored.

    :raises QueryTooLong: above 8 kB (5.20)
    """
    if (length := len(raw.encode("utf-8", "replace"))) > MOST_BYTES:
        raise QueryTooLong(f"The query string has {length} bytes; at most {MOST_BYTES} are read. Send a shorter state.")
    values: dict[str, str] = {}
    duplicates: dict[str, None] = {}
    for name, value in _pairs(raw):
        if name in values:
            duplicates[name] = None
        else:
            values[name] = value
    return _parameters(values, duplicates=tuple(duplicates))


def _pairs(raw: str) -> Iterator[tuple[str, str]]:
    for piece in raw.split("&"):
        if piece:
            encoded_name, _, value = piece.partition("=")
            name = _plain(encoded_name)
            yield name, text_of(_bytes(value)) if name == "state" else _plain(value, plus_is_kept=name in PLUS_IS_KEPT)


def _plain(value: str, *, plus_is_kept: bool = False) -> str:
    """Decode as forms do; what is no text, or cannot be stored, becomes U+FFFD."""
    spaced = value if plus_is_kept else value.replace("+", " ")
    return str(storable(_bytes(spaced).decode("utf-8", "replace")))


def _bytes(value: str) -> bytes:
    return unquote_to_bytes(value.encode("utf-8", "replace"))


def _parameters(values: dict[str, str], *, duplicates: tuple[str, ...]) -> Parameters:
    return Parameters(
        task_group_name=values.get("task_group_name", ""),
        work_order_id=values.get("work_order_id", ""),
        work_order_name=values.get("work_order_name", ""),
        wo_metadata=values.get("wo_metadata", ""),
        type_names=tuple(name.strip() for name in values.get("type_names", "").split(",") if name.strip()),
        callback=next((values[name] for name in CALLBACK_NAMES if values.get(name)), ""),
        state=values.get("state"),
        use_fragment=values.get("use_fragment", "").lower() in ("true", "1"),
        site_id=values.get("site_id", ""),
        org_slug=values.get("org_slug", ""),
        duplicates=duplicates,
    )
