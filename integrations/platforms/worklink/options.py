"""The settings of a WorkLink connection: what the vendor does not document, and what customers choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.connections.models import Connection
from integrations.connections.schema import Field, with_defaults

SLUG = "worklink"

SETTINGS = (
    Field("system", "System of record", help="Short name (slug) of the connection that the link keys belong to."),
    Field(
        "link_keys",
        "Link keys of sessions",
        type="list",
        default=["work_order_id"],
        help="Names in the link's data that hold the work order, the first found wins. Write name=slug where a name "
        "belongs to another system of record than the one above.",
    ),
    Field(
        "call_link_keys",
        "Link keys of calls",
        type="list",
        default=["service_request_id", "work_order_id"],
        help="The same for calls.",
    ),
    Field(
        "issued_links_only",
        "Issued links only",
        type="boolean",
        default=False,
        help="What was not started from a link that was issued here, or from an edited one, waits in Unmatched.",
    ),
    Field("key_trim", "Trim link keys", type="boolean", default=False, help="Without it keys are compared exactly."),
    Field("key_upper", "Write link keys in capitals", type="boolean", default=False),
    Field("key_zero_pad", "Pad numeric keys with zeros to", type="number", help="Digits; empty: as they are."),
    Field(
        "host_pages",
        "Host a link page per order",
        type="boolean",
        default=False,
        help="A page without sign-in behind an unguessable address, for systems that cannot build links.",
    ),
    Field(
        "page_shows",
        "Link pages show",
        type="list",
        default=["title"],
        help="Beside the order's key: title, asset, site, status, assignee, priority. Whoever has the address sees it.",
    ),
    Field("page_templates", "Links on link pages", type="list", help="Short names of link templates; empty: all."),
    Field("page_days", "Link pages end after", type="number", help="Days; empty: they do not."),
    Field(
        "completion_threshold",
        "Complete from",
        type="number",
        default=100,
        help="Per cent of the steps. A session that ended below it is incomplete.",
    ),
    Field("graphql_path", "GraphQL path", default="/api/v3/graphql"),
    Field("permalink", "Organization", help="Its permalink; needed with a super admin's token."),
    Field(
        "permalink_in",
        "Send it in",
        type="choice",
        default="query",
        choices=[("query", "the query"), ("both", "the query and the body")],
    ),
    Field("domain", "X-Scope-Domain", help="Sent with each request if set, as some customer-hosted CMS want it."),
    Field("page_size", "Objects per page", type="number", default=25, help="2 to 100."),
    Field("nested_page_size", "Steps and events per page", type="number", default=50, help="2 to 100."),
    Field(
        "file_hosts",
        "Hosts of photos",
        type="list",
        default=["*"],
        help="Hosts that photo links may point to, beside the CMS; * is every public host.",
    ),
)


@dataclass(frozen=True)
class Options:
    """The settings of one connection, defaults filled in, numbers within bounds."""

    system: str
    link_keys: Sequence[str]
    call_link_keys: Sequence[str]
    issued_links_only: bool
    key_trim: bool
    key_upper: bool
    key_zero_pad: int
    host_pages: bool
    page_shows: Sequence[str]
    page_templates: Sequence[str]
    page_days: int
    completion_threshold: float
    graphql_path: str
    permalink: str
    permalink_in: str
    domain: str
    page_size: int
    nested_page_size: int
    file_hosts: Sequence[str]


def options_of(connection: Connection) -> Options:
    return options_from(connection.settings)


def options_from(settings: Mapping[str, Any]) -> Options:
    given = with_defaults(SETTINGS, settings)
    return Options(
        system=str(given.get("system") or ""),
        link_keys=_texts(given["link_keys"]),
        call_link_keys=_texts(given["call_link_keys"]),
        file_hosts=_texts(given["file_hosts"]),
        graphql_path=str(given["graphql_path"]),
        permalink=str(given.get("permalink") or ""),
        permalink_in=str(given["permalink_in"]),
        domain=str(given.get("domain") or ""),
        issued_links_only=bool(given["issued_links_only"]),
        key_trim=bool(given["key_trim"]),
        key_upper=bool(given["key_upper"]),
        key_zero_pad=_whole(given, "key_zero_pad", least=0, most=40),
        host_pages=bool(given["host_pages"]),
        page_shows=_texts(given["page_shows"]),
        page_templates=_texts(given.get("page_templates") or ()),
        page_days=_whole(given, "page_days", least=1, most=3650) if given.get("page_days") else 0,
        completion_threshold=float(given["completion_threshold"]),
        page_size=_whole(given, "page_size", least=2, most=100),
        nested_page_size=_whole(given, "nested_page_size", least=2, most=100),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each).strip() for each in value if str(each).strip())


def _whole(given: Mapping[str, Any], name: str, *, least: int, most: int) -> int:
    return min(max(int(given.get(name) or 0), least), most)
