"""What of receiving an admin configures: the sources, their proof of origin, whom they pass requests on to."""

from collections.abc import Iterator, Mapping, Sequence

from integrations.connections.schema import Field
from integrations.connections.schema_part import SchemaObject
from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.core.config.plain import Change, Plain
from integrations.core.config.secret_parts import SecretsInOrder
from integrations.inbox.forms import ALGORITHMS, ENCODINGS, options_of, relay_problem, secret_problem
from integrations.inbox.models import Verification, WebhookSource

OPTIONS = {
    "header": Field("header", "Header"),
    "prefix": Field("prefix", "Prefix"),
    "algorithm": Field("algorithm", "Algorithm", type="choice", default=ALGORITHMS[0][0], choices=ALGORITHMS),
    "encoding": Field("encoding", "Encoding", type="choice", default=ENCODINGS[0][0], choices=ENCODINGS),
}


def _options(entry: Mapping[str, Plain]) -> Sequence[Field] | None:
    if entry["verification"] not in Verification.values:
        return None
    return [OPTIONS[name] for name in options_of(entry["verification"])]


class Sources(Section):
    """The token in a source's address is not in the file: each installation makes addresses of its own."""

    name, model, key = "sources", WebhookSource, ("connection", "name")
    parts = (
        *columns(WebhookSource, "enabled", "verification"),
        SchemaObject("verification_options", _options, depends={"verification": Verification.ADDRESS.value}),
        SecretsInOrder("secrets", most=2),
        *columns(WebhookSource, "max_bytes", "relay_url"),
    )

    def check(self, row: WebhookSource, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if problem := secret_problem(row.verification, row.secrets):
            yield "secrets", problem
        if problem := relay_problem(row.relay_url):
            yield "relay_url", problem


def register_sections() -> None:
    register(Sources())
