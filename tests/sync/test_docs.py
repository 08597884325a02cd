"""The example of the how-to page works as written."""

import json
import re
from pathlib import Path

from integrations.sync.models import Operation
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House

PAGE = Path(__file__).parents[2] / "docs" / "writes.md"


def test_the_example_of_the_page_writes_a_visit(house: House, record: RunningRecord) -> None:
    example = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    for values in json.loads(example[1]):
        mappings = values.pop("field_mappings", [])
        lookup = Operation.objects.filter(name=values.pop("lookup", "")).first()
        operation = Operation(connection=house.connection, lookup=lookup, **values)
        operation.full_clean()
        operation.save()
        for mapping in mappings:
            row = operation.field_mappings.create(**mapping)
            row.full_clean()

    house.tell(type="visit.joined")
    house.work()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert record.control.order(NUMBER)["u_minutes"] == 12
