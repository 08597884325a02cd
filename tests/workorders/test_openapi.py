"""The OpenAPI document is a contract: it changes on purpose only."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


def test_the_committed_document_is_the_one_that_is_served() -> None:
    out = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)

    assert out.getvalue() == COMMITTED.read_text(), "The API changed: look at the change, then run `make openapi`."


@pytest.mark.django_db
def test_document_and_viewer_are_open_and_load_nothing_from_elsewhere(client: Client) -> None:
    schema, page = client.get("/api/schema/"), client.get("/api/docs/")
    script = client.get("/api/docs/?script=")
    text = page.content.decode()

    assert (schema.status_code, page.status_code, script.status_code) == (200, 200, 200)
    assert "<style" not in text
    assert "<script>" not in text
    assert "://" not in text
    assert "/api/schema/" in script.content.decode()
    assert "default-src 'self'" in page["Content-Security-Policy"]
