from typing import Any

import pytest

from integrations.camera.engines import contract, installed
from integrations.camera.engines.checks import DEFAULT_CHECKS
from integrations.camera.engines.codes import Codes
from integrations.camera.engines.conformity import Conformity
from integrations.camera.engines.contract import CONFORMITY, EngineFailed, Opening
from integrations.camera.engines.http import Http
from integrations.camera.engines.similar import Similar
from integrations.camera.models import Engine
from tests.camera.engines.making import group, task
from tests.factories import make_connection

TEXT, BOOLEAN = task("serial"), task("closed", "Boolean")


@pytest.mark.parametrize(
    ("kind", "engine"), [(CONFORMITY, Conformity), (Engine.CODE, Codes), (Engine.SIMILAR, Similar)]
)
def test_the_built_in_engines_are_found_by_name(kind: str, engine: type) -> None:
    assert isinstance(contract.engine_for(kind, Opening(None, None)), engine)


def test_manual_review_is_no_engine() -> None:
    assert contract.engine_for(Engine.REVIEW, Opening(None, None)) is None


@pytest.mark.django_db
def test_the_http_engine_speaks_through_its_connection() -> None:
    connection = make_connection(base_url="https://model.example.test")

    engine = contract.engine_for(Engine.HTTP, Opening(connection, None))

    assert isinstance(engine, Http)
    assert engine.client.base_url == "https://model.example.test"


def test_the_http_engine_without_a_connection_says_what_to_do() -> None:
    with pytest.raises(EngineFailed, match="choose one"):
        contract.engine_for(Engine.HTTP, Opening(None, None))


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        (group(checks={"blur": {}}), Engine.REVIEW),
        (group(BOOLEAN), Engine.REVIEW),
        (group(TEXT, checks=DEFAULT_CHECKS), Engine.CODE),
        (group(BOOLEAN, examples=[b"x"]), Engine.SIMILAR),
        (group(TEXT, settings={"outcomes": {"serial": "text"}}), Engine.HTTP),
    ],
)
def test_a_group_that_checks_something_can_be_activated(given: contract.GroupFacts, engine: str) -> None:
    assert installed.problems(given, engine=engine, has_connection=True) == []


@pytest.mark.parametrize(
    ("given", "engine", "said"),
    [
        (group(), Engine.REVIEW, "would check nothing"),
        (group(checks={"blur": False}), Engine.CODE, "would check nothing"),
        (group(checks={"blurr": {}}), Engine.REVIEW, "no check 'blurr'"),
        (group(TEXT, settings={"x": 1}), Engine.CODE, "no setting 'x'"),
        (group(BOOLEAN), Engine.SIMILAR, "no example photo"),
        (group(TEXT, examples=[b"x"]), Engine.SIMILAR, "mandatory task 'serial'"),
        (group(TEXT), Engine.HTTP, "mandatory task 'serial'"),
        (group(TEXT, settings={"outcomes": {"serial": "text"}}), Engine.HTTP, "needs a connection"),
        (group(TEXT), Engine.DEEPOMATIC, "needs a connection"),
    ],
)
def test_a_group_that_would_not_is_refused_with_a_sentence(given: Any, engine: str, said: str) -> None:
    found = installed.problems(given, engine=engine, has_connection=False)

    assert said in " ".join(found)
