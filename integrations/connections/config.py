"""What of connections an admin configures: workspaces, connections, API tokens."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from integrations.connections import credential_fields, setting_schema
from integrations.connections.auth_kinds import AuthKind
from integrations.connections.forms import platform_choices
from integrations.connections.models import ApiToken, Connection, Workspace
from integrations.connections.schema import Field
from integrations.connections.schema_part import SchemaObject
from integrations.connections.scopes import registered
from integrations.connections.services import revoke_token
from integrations.core import clock
from integrations.core.config import Section, references, register
from integrations.core.config.documents import Place
from integrations.core.config.parts import Column, Entry, Link, Part, Step, Writer, columns
from integrations.core.config.plain import ABSENT, Change, Path, Plain, nearest

DEFAULT_WORKSPACE = "default"


class Workspaces(Section):
    name, model, key = "workspaces", Workspace, ("slug",)
    parts = columns(Workspace, "name")

    def rows(self) -> list[Workspace]:
        """Return them; the default one is there before anything has asked for it."""
        rows = list(Workspace.objects.all())
        if any(row.slug == DEFAULT_WORKSPACE for row in rows):
            return rows
        return [*rows, Workspace(slug=DEFAULT_WORKSPACE, name="Default")]

    def stays(self, row: Workspace) -> bool:
        return row.slug == DEFAULT_WORKSPACE


class Platform(Column):
    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        known = dict(platform_choices())
        if value not in known:
            place.refuse(f"“{value}” is not a platform of this installation{nearest(str(value), known)}")
        return super().read(value, place, entry)


def _credentials(entry: Mapping[str, Plain]) -> Sequence[Field] | None:
    if entry["platform"] not in dict(platform_choices()):
        return None
    return credential_fields.credential_fields(entry["auth_kind"], platform=entry["platform"])


def _settings(entry: Mapping[str, Plain]) -> Sequence[Field] | None:
    platform = entry["platform"]
    return setting_schema.fields_of(platform) if platform in dict(platform_choices()) else None


class Connections(Section):
    name, model, key = "connections", Connection, ("slug",)
    parts = (
        *columns(Connection, "name"),
        Link(Connection, "workspace", default=DEFAULT_WORKSPACE),
        Platform(Connection, "platform"),
        *columns(Connection, "environment", "base_url", "auth_kind"),
        SchemaObject("credentials", _credentials, depends={"platform": "", "auth_kind": AuthKind.BEARER.value}),
        SchemaObject("settings", _settings, depends={"platform": ""}),
        *columns(Connection, "time_zone", "date_format", "rate_per_second", "max_concurrency", "settle_seconds"),
        *columns(Connection, "daily_quota", "reserved_percent", "quota_header"),
        *columns(Connection, "write_from", "skip_closed_records"),
        Column(Connection, "paused", kept=True),
        Column(Connection, "capture", kept=True),
    )


class Scopes(Column):
    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        known = [name for name, _label in registered()]
        if not isinstance(value, list):
            place.refuse(f"it must be a list of scopes. Known: {', '.join(known)}.")
            return ABSENT
        for each in value:
            if each not in known:
                place.refuse(f"“{each}” is not a scope{nearest(str(each), known)}")
        return super().read(sorted({str(each) for each in value}), place, entry)


class TokenValue(Part):
    """The key that a caller sends. Only its hash is kept, so a new installation is told the value anew."""

    name, covers, required = "value", ("token_hash", "prefix"), True
    FORM = re.compile(r"fp_[A-Za-z0-9_-]{32,200}")

    def show(self, row: ApiToken, path: Path, writer: Writer) -> Plain:
        return writer.names.reference(path)

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        return references.read(value, place)

    def put(self, row: ApiToken, value: Plain, step: Step) -> Iterator[Change]:
        if value is ABSENT or ("keep" in value and not step.fresh):
            return
        place = step.place / self.name
        known = len(place.document.problems)
        given = references.settled(value, "", place=place, resolve=step.resolve)
        if len(place.document.problems) == known and not self.FORM.fullmatch(given):
            place.refuse("a token is fp_ and 32 letters and digits or more; make it with secrets.token_urlsafe(32).")
        if ApiToken.hash_of(given) != row.token_hash:
            yield Change((self.name,), *references.as_change(value, row.token_hash, given))
            row.token_hash, row.prefix = ApiToken.hash_of(given), given[:9]


class ApiTokens(Section):
    name, model, key = "api_tokens", ApiToken, ("workspace", "name")
    parts = (Scopes(ApiToken, "scopes"), *columns(ApiToken, "expires_at"), TokenValue())
    removal, deletes_rows = "revoke", False

    def rows(self) -> Any:
        return super().rows().filter(revoked_at__isnull=True)

    def check(self, row: ApiToken, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if not fresh:
            yield (
                "",
                "a token is made and revoked, never altered under its holder "
                f"(altered: {', '.join('.'.join(each.path) for each in changes)}). "
                "Leave it as it is, and add one by another name.",
            )

    def remove(self, row: ApiToken) -> None:
        revoke_token(row, now=clock.now())


def register_sections() -> None:
    for section in (Workspaces(), Connections(), ApiTokens()):
        register(section)
