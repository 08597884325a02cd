"""Snippets make the very link that the builder makes, run by the languages of the systems they are for."""

import json
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.platforms.worklink.links.composing import Recipe
from integrations.platforms.worklink.links.snippets import SYSTEMS, assembly_of, written
from tests.platforms.worklink.links.snippets import engines
from tests.platforms.worklink.links.snippets.by_hand import KEPT, PROGRAMS, digest_of, snippet_of
from tests.platforms.worklink.links.snippets.cases import (
    ALL,
    FIELDS,
    FORMS,
    LONGEST,
    PLAIN,
    RECIPES,
    SHORT,
    Form,
    expected,
    order,
)

Run = Callable[[str, Mapping[str, str]], str]
RUN: dict[str, Run] = {
    "servicenow": engines.servicenow,
    "maximo": engines.maximo,
    "salesforce-apex": engines.apex,
    "salesforce-formula": engines.formula,
}


def run(slug: str, recipe: Recipe, values: Mapping[str, str], form: Form) -> str:
    """Return the link that a snippet makes of an order, told by the other system's own names."""
    system = SYSTEMS[slug.partition("-")[0]]
    assembly = assembly_of(recipe, form=form, longest=LONGEST)
    (snippet,) = (each for each in system.write(assembly, system.named(assembly, {})) if each.slug == slug)
    names = {field: re.sub(r"TEXT\((.*)\)", r"\1", name) for field, name in system.named(assembly, {}).items()}
    return RUN[slug](snippet.text, {name: values[field] for field, name in names.items()})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("slug", ["servicenow", "maximo", "salesforce-apex"])
def test_each_order_gets_the_builders_link_byte_for_byte(slug: str, recipe: str, form: Form) -> None:
    made = {name: run(slug, RECIPES[recipe], values, form) for name, values in ALL.items()}

    assert made == {name: expected(RECIPES[recipe], values, form) for name, values in ALL.items()}
    assert made["no key"] == made["too long"] == ""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("recipe", SHORT)
def test_the_formula_is_exact_for_what_is_on_a_keyboard(recipe: str, form: Form) -> None:
    orders = {name: values for name, values in PLAIN.items() if name != "too long"}

    made = {name: run("salesforce-formula", RECIPES[recipe], values, form) for name, values in orders.items()}

    assert made == {name: expected(RECIPES[recipe], values, form, longest=2000) for name, values in orders.items()}


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({name: st.text(st.characters(exclude_categories=["Cs"]), max_size=12) for name in FIELDS}),
    st.sampled_from(sorted(RECIPES)),
    st.sampled_from(FORMS),
)
def test_whatever_the_fields_hold(values: Mapping[str, str], recipe: str, form: Form) -> None:
    wanted = expected(RECIPES[recipe], values, form)

    assert {slug: run(slug, RECIPES[recipe], values, form) for slug in ("servicenow", "maximo", "salesforce-apex")} == {
        "servicenow": wanted,
        "maximo": wanted,
        "salesforce-apex": wanted,
    }


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_fixed_in_the_template_cannot_end_a_text_of_the_code(system: str, recipe: str) -> None:
    for form in FORMS:
        assembly = assembly_of(RECIPES[recipe], form=form)
        fixed = [piece for part in assembly.parts for piece in part.pieces if isinstance(piece, str)]
        assert all(re.fullmatch(r"[A-Za-z0-9\-._~%:/?=&]+", piece) for piece in fixed)
        assert written(assembly, system=system, given={}) != []


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "name", ["x'); drop(", 'A"', "a b;c", "f\nimport os", "${x}", "A1+B1", "cf:it's", "destroy!", "a..b"]
)
def test_a_name_that_would_be_code_is_refused_and_not_written(system: str, name: str) -> None:
    assembly, kind = assembly_of(RECIPES["asset"], form="direct"), SYSTEMS[system]

    assert kind.refused({"asset": name}) == [name]
    assert written(assembly, system=system, given={"asset": name}) == written(assembly, system=system, given={})


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_customers_own_names_are_used(system: str) -> None:
    kind, assembly = SYSTEMS[system], assembly_of(RECIPES["asset"], form="direct")
    own = {
        "salesforce": "Pump__r.Tag__c",
        "servicenow": "u_pump.u_tag",
        "maximo": "PUMP.TAG",
        "redmine": "cf:Pumpe Nr. 1",
        "excel": "Q",
    }

    for snippet in written(assembly, system=system, given={"asset": own[system], "key": " "}):
        assert own[system].removeprefix("cf:") in snippet.text.replace("?.", ".")
        assert kind.names["key"] in snippet.text


def test_a_formula_that_salesforce_would_refuse_is_not_offered() -> None:
    many = Recipe("worklink://resource?action=fetch_catalog&asset=1", [[f"n{n}", "{title}"] for n in range(9)], "id")

    formula, apex = written(assembly_of(many, form="deferred"), system="salesforce", given={})

    assert formula.text == ""
    assert "Salesforce takes 3900. Use the Apex class." in formula.refused
    assert run("salesforce-apex", many, order(title="ü"), "deferred") == expected(many, order(title="ü"), "deferred")
    assert apex.refused == ""


@pytest.mark.parametrize("slug", PROGRAMS)
def test_what_other_programs_made_of_them_by_hand_is_the_builders_link_too(slug: str) -> None:
    """Run again after a change: see `__main__`. LibreOffice stands for Excel, a JDK for Apex."""
    kept = json.loads(KEPT.read_text())[slug]["runs"]

    assert [(each["recipe"], each["form"]) for each in kept] == [(recipe, form) for recipe in RECIPES for form in FORMS]
    for each in kept:
        recipe, form = each["recipe"], each["form"]
        assert each["snippet"] == digest_of(snippet_of(slug, recipe, form)[0])
        assert each["links"] == {name: expected(RECIPES[recipe], values, form) for name, values in ALL.items()}


def test_semicolons_are_all_that_differs_between_the_two_formulas_for_excel() -> None:
    comma, semicolon = (snippet_of(f"excel-{each}", "mixed", "deferred")[0] for each in ("comma", "semicolon"))

    assert comma.replace(",", ";") == semicolon
