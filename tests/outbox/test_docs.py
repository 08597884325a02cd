"""The page about deliveries says what is so: its example checks what we send."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.outbox.signatures import Letter, headers_of, new_secret

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deliveries.md").read_text()
LETTER = Letter(uid="e-1", type="roi", cursor="c-1", body='{"n": "ü"}', endpoint="end", attempt=1)


def test_the_example_for_receivers_takes_ours_and_refuses_others() -> None:
    page: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], page)
    is_genuine = page["is_genuine"]
    old, new, body = new_secret(), new_secret(), LETTER.body.encode()

    signature = headers_of(LETTER, signed_by=[new, old], at=datetime.now(UTC))["X-Signature"]
    stale = headers_of(LETTER, signed_by=[new], at=datetime.fromtimestamp(time.time(), UTC) - timedelta(minutes=6))

    assert [is_genuine(signature, body, each) for each in (old, new, "other")] == [True, True, False]
    assert not is_genuine(signature, body + b" ", new)
    assert not is_genuine(stale["X-Signature"], body, new)


def test_every_header_is_explained() -> None:
    sent = set(headers_of(LETTER, signed_by=[new_secret()], at=datetime.now(UTC)))

    assert {name for name in sent if f"`{name}`" not in PAGE} == set()
