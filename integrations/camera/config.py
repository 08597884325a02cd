"""What of the camera an admin configures: sites with the catalogue that is active, and connector tokens."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import User

from integrations.camera.config_catalogue import Catalogue, keep_pictures, save_catalogue
from integrations.camera.models import CatalogueVersion, ConnectorToken, LinkBy, Site, TaskGroup, Visit
from integrations.camera.protocol import callbacks, targets, tokens
from integrations.camera.protocol.errors import TokenRefused
from integrations.camera.services.tokens import OWN, revoke, shown_of
from integrations.connections.config import DEFAULT_WORKSPACE
from integrations.core import clock
from integrations.core.config import Section, references, register
from integrations.core.config.documents import Place
from integrations.core.config.parts import Entry, Link, Part, Step, Writer, columns
from integrations.core.config.plain import ABSENT, Change, Path, Plain, nearest


class Sites(Section):
    """`task_groups` is the active version of the catalogue; applying another one activates it as the next version."""

    name, model, key = "camera_sites", Site, ("slug",)
    belongings = (CatalogueVersion, ConnectorToken)
    carries = {TaskGroup: "version__site"}
    parts = (
        *columns(Site, "name"),
        Link(Site, "workspace", default=DEFAULT_WORKSPACE),
        Link(Site, "connection"),
        *columns(Site, "metadata_schema", "require_metadata", "strict_names"),
        Catalogue(),
    )

    def rows(self) -> Any:
        groups = "active_version__groups"
        return super().rows().prefetch_related(*(f"{groups}__{each}" for each in ("tasks", "examples")))

    def check(self, row: Site, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        for group in getattr(row, "given_catalogue", ()):
            yield from ((Catalogue.name, f"{group.row.name}: {each}") for each in group.problems())

    def stays(self, row: Site) -> bool:
        """What was photographed, and the keys of the REST API, name their site."""
        return row.orders.exists() or row.keys.exists() or Visit.objects.filter(token__site=row).exists()

    def prepare(self, row: Site, place: Place) -> None:
        keep_pictures(getattr(row, "given_catalogue", ()), place / Catalogue.name)

    def save(self, row: Site, fields: Sequence[str]) -> None:
        super().save(row, fields)
        if given := getattr(row, "given_catalogue", ()):
            save_catalogue(row, given, now=clock.now())

    def remove(self, row: Site) -> None:
        Site.objects.filter(pk=row.pk).update(active_version=None)  # it protects its version
        row.active_version = None
        row.tokens.all().delete()  # never used, else the site stays
        super().remove(row)


class Person(Part):
    """An account of this installation, by its name."""

    name, covers, required = "user", ("user",), True

    def show(self, row: ConnectorToken, path: Path, writer: Writer) -> Plain:
        return row.user.get_username()

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if isinstance(value, str) and value:
            return value
        place.refuse("it must be the name of an account.")
        return ABSENT

    def put(self, row: ConnectorToken, value: Plain, step: Step) -> Iterator[Change]:
        before = ABSENT if step.fresh else row.user.get_username()
        if value in (ABSENT, before):
            return
        found = User.objects.filter(username=value, is_active=True).first()
        if found is None:
            known = User.objects.filter(is_active=True).order_by("username").values_list("username", flat=True)[:20]
            sentence = f"there is no account “{value}”, and a file makes none{nearest(value, known)}"
            (step.place / self.name).refuse(sentence)
            return
        row.user = found
        yield Change((self.name,), before, value)


class ConnectorValue(Part):
    """What field apps send after #token=. Only its hash is kept, so a new installation is told the value anew."""

    name, covers, required = "value", ("token_hash", "prefix"), True

    def show(self, row: ConnectorToken, path: Path, writer: Writer) -> Plain:
        return writer.names.reference(path)

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        return references.read(value, place)

    def put(self, row: ConnectorToken, value: Plain, step: Step) -> Iterator[Change]:
        if value is ABSENT or ("keep" in value and not step.fresh):
            return
        place = step.place / self.name
        known = len(place.document.problems)
        given = references.settled(value, "", place=place, resolve=step.resolve)
        if len(place.document.problems) > known:
            return
        try:
            digest = ConnectorToken.hash_of(tokens.check_issued(given))
        except TokenRefused as error:
            place.refuse(str(error))
            return
        if digest != row.token_hash:
            yield Change((self.name,), *references.as_change(value, row.token_hash, given))
            row.token_hash, row.prefix = digest, shown_of(given, is_ours=given.startswith(OWN))


class ConnectorTokens(Section):
    name, model, key = "camera_tokens", ConnectorToken, ("site", "name")
    parts = (
        Person(),
        *columns(ConnectorToken, "expires_at", "default_callback", "callback_targets", "any_https_callback", "flow"),
        *columns(ConnectorToken, "link_by", "link_metadata_key", "technician_metadata_key"),
        *columns(ConnectorToken, "input_id_on_cancel", "error_parameter", "messages_parameter", "sign_in"),
        ConnectorValue(),
    )
    removal, deletes_rows = "revoke", False

    def rows(self) -> Any:
        return super().rows().filter(revoked_at__isnull=True).select_related("user")

    def check(self, row: ConnectorToken, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if not fresh and any(change.path == (ConnectorValue.name,) for change in changes):
            yield "value", "a token's value is never altered under its holders: add a token by another name."
        back = targets.check_callback(row.default_callback)
        if isinstance(back, targets.Refused):
            yield "default_callback", f"{back.reason}."
        others = ConnectorToken.objects.filter(site=row.site_id, sign_in=True, revoked_at__isnull=True)
        if row.sign_in and others.exclude(pk=row.pk).exists():
            yield "sign_in", "a site has one token for signing in."
        yield from (("callback_targets", each) for each in targets.problems_of(row.callback_targets))
        if row.link_by == LinkBy.METADATA and not row.link_metadata_key:
            yield "link_metadata_key", "it names the key of wo_metadata that holds the work order's key."
        try:
            callbacks.check_messages_parameter(row.messages_parameter)
        except callbacks.ParameterRefused as error:
            yield "messages_parameter", str(error)

    def remove(self, row: ConnectorToken) -> None:
        revoke(row, now=clock.now())


def register_sections() -> None:
    for section in (Sites(), ConnectorTokens()):
        register(section)
