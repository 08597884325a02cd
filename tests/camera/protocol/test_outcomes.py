"""Values fit the type of their task."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.models import OutcomeType as StoredType
from integrations.camera.protocol.outcomes import Outcome, OutcomeType, WrongValue, coerced
from tests.camera.protocol.texts import ANY_TEXT

BOOLEAN, TEXT, NUMBER = OutcomeType.BOOLEAN, OutcomeType.TEXT, OutcomeType.NUMBER
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.lists(st.integers())


def test_the_stored_types_are_the_protocols() -> None:
    assert [each.value for each in StoredType] == [each.value for each in OutcomeType]


@pytest.mark.parametrize(
    ("given_value", "of", "value"),
    [
        (True, BOOLEAN, True),
        ("true", BOOLEAN, True),
        (" False ", BOOLEAN, False),
        (12, NUMBER, 12),
        (0.5, NUMBER, 0.5),
        ("12", NUMBER, 12),
        ("-0.5", NUMBER, -0.5),
        ("1e3", NUMBER, 1000.0),
        ("12", TEXT, "12"),
        ("", TEXT, ""),
        ("a\x00b", TEXT, "a\ufffdb"),
    ],
)
def test_a51_a_value_is_read_in_its_type(given_value: object, of: OutcomeType, value: object) -> None:
    found = coerced(given_value, of=of)

    assert found == value
    assert type(found) is type(value)


MISFITS: dict[OutcomeType, list[object]] = {
    BOOLEAN: [None, 1, 0, "yes", "", [], {}],
    NUMBER: [None, True, "", "1,5", "0x10", "1e999", "nan", float("nan"), float("inf"), 1e31, 10**400, "9" * 5000, [],
             "\u0663", "1 2"],
    TEXT: [None, True, 12, 0.5, [], {}, "x" * 4001],
}  # fmt: skip


@pytest.mark.parametrize(("value", "of"), [(value, of) for of, values in MISFITS.items() for value in values])
def test_a_value_that_does_not_fit_is_refused(value: object, of: OutcomeType) -> None:
    with pytest.raises(WrongValue):
        coerced(value, of=of)


def test_a_correction_counts_and_leaves_the_analysed_value_alone() -> None:
    assert Outcome(analyzed=True, corrected=False).value is False
    assert Outcome(analyzed=True).value is True
    assert Outcome().value is None


@given(ANYTHING, st.sampled_from(OutcomeType))
def test_anything_is_read_or_refused_by_name(value: object, of: OutcomeType) -> None:
    with suppress(WrongValue):
        assert coerced(coerced(value, of=of), of=of) == coerced(value, of=of)
