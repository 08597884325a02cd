"""Links by the vectors of the sheet (2.5), the parser contract (2.7) and whatever Hypothesis thinks of."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.platforms.worklink.links.grammar import RESERVED, Link, Target, build, parse
from integrations.platforms.worklink.links.refusals import LinkRefused

DEFERRED = "https://getworklink.com/deferred?deep_link="
VECTORS = {
    "V1": (
        Link("fetch_catalog", Target("asset", "PUMP-77"), {"work_order_id": "WO-000981"}),
        "worklink://resource?action=fetch_catalog&asset=PUMP-77&work_order_id=WO-000981",
        DEFERRED + "worklink%3A%2F%2Fresource%3Faction%3Dfetch_catalog%26asset%3DPUMP-77%26work_order_id%3DWO-000981",
    ),
    "V2": (
        Link("fetch_catalog", Target("catalog", "5512"), {"work_order_id": "WO 7/8 & spare", "site": "Zürich #2"}),
        "worklink://resource?action=fetch_catalog&catalog=5512"
        "&work_order_id=WO%207%2F8%20%26%20spare&site=Z%C3%BCrich%20%232",
        DEFERRED + "worklink%3A%2F%2Fresource%3Faction%3Dfetch_catalog%26catalog%3D5512"
        "%26work_order_id%3DWO%25207%252F8%2520%2526%2520spare%26site%3DZ%25C3%25BCrich%2520%25232",
    ),
    "V3": (
        Link(
            "fetch_catalog",
            Target("asset", "42"),
            {"work_order_id": "500A", "serials": ["SN-11", "SN-12"], "ctx": {"line": "3"}},
        ),
        "worklink://resource?action=fetch_catalog&asset=42&work_order_id=500A"
        "&serials%5B%5D=SN-11&serials%5B%5D=SN-12&ctx%5Bline%5D=3",
        DEFERRED + "worklink%3A%2F%2Fresource%3Faction%3Dfetch_catalog%26asset%3D42%26work_order_id%3D500A"
        "%26serials%255B%255D%3DSN-11%26serials%255B%255D%3DSN-12%26ctx%255Bline%255D%3D3",
    ),
}


def as_form(link: Link, form: str) -> Link:
    return Link(link.action, link.target, link.external_data, form)  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize(("link", "direct", "deferred"), VECTORS.values(), ids=VECTORS)
def test_a1_a2_a3_the_vectors_byte_for_byte_there_and_back(link: Link, direct: str, deferred: str) -> None:
    assert build(link) == direct
    assert build(as_form(link, "deferred")) == deferred
    assert parse(direct) == link
    assert parse(deferred) == as_form(link, "deferred")


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_a4_a_parameter_of_the_link_itself_is_no_external_data(key: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        build(Link("fetch_catalog", Target("asset", "1"), {key: "x"}))
    assert refused.value.code == "reserved_key"
    assert key in refused.value.sentence


REFUSED = {
    "": "not_worklink",
    "https://cms.scopear.com/deferred?deep_link=worklink%3A%2F%2Fresource%3Faction%3Dfetch_catalog": "not_worklink",
    "https://getworklink.com/deferred?deep_link=https%3A%2F%2Fevil.example%2F": "not_worklink",
    "https://getworklink.com.evil.example/deferred?deep_link=worklink%3A%2F%2Fresource%3Faction%3Da": "not_worklink",
    "https://user@getworklink.com/deferred?deep_link=worklink%3A%2F%2Fresource%3Faction%3Da": "not_worklink",
    "worklink://other?action=fetch_catalog&asset=1": "not_worklink",
    "worklink://resource/x?action=fetch_catalog&asset=1": "not_worklink",
    "javascript:alert(1)//worklink://resource?action=fetch_catalog&asset=1": "not_worklink",
    "worklink://[::1": "not_worklink",
    "worklink://resource": "missing_action",
    "worklink://resource?asset=1": "missing_action",
    "worklink://resource?action=&asset=1": "missing_action",
    "worklink://resource?action=fetch_everything&asset=1": "unknown_action",
    "worklink://resource?action=fetch_catalog": "missing_target",
    "worklink://resource?action=fetch_catalog&asset=": "missing_target",
    "worklink://resource?action=fetch_user&asset=1": "missing_target",
    "worklink://resource?action=fetch_catalog&asset=1&catalog=2": "ambiguous_target",
    "worklink://resource?action=fetch_catalog&asset=%GG": "bad_encoding",
    "worklink://resource?action=fetch_catalog&asset=1&x=%": "bad_encoding",
    "worklink://resource?action=fetch_catalog&asset=1&x=%FF": "bad_encoding",
    "worklink://resource?action=fetch_catalog&asset=1&x=%ED%A0%80": "bad_encoding",
    "worklink://resource?action=fetch_catalog&asset=1&x=" + "y" * 2000: "too_long",
}


@pytest.mark.parametrize(("url", "code"), REFUSED.items())
def test_what_is_refused_is_named(url: str, code: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        parse(url)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def catalog(query: str) -> Link:
    return parse(f"worklink://resource?action=fetch_catalog&asset=1&{query}")


def test_the_last_of_two_equal_names_wins_with_a_warning_and_lists_keep_their_order() -> None:
    link = catalog("k=1&k=2&l[]=b&l[]=a")

    assert link.external_data == {"k": "2", "l": ["b", "a"]}
    assert len(link.warnings) == 1
    assert "k" in link.warnings[0]
    assert parse("worklink://resource?action=fetch_catalog&asset=1&asset=2").target == Target("asset", "2")


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[]=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a[]=1", {"a": ["1"]}),
        ("a[][b]=1", {"a[][b]": "1"}),
        ("a[b=1", {"a[b": "1"}),
        ("[x]=1", {"[x]": "1"}),
        ("a" + "[b]" * 9 + "=1", {"a" + "[b]" * 9: "1"}),
    ],
)
def test_what_does_not_fit_together_is_kept_as_well_as_can_be_and_said(query: str, data: object) -> None:
    link = catalog(query)

    assert link.external_data == data
    assert len(link.warnings) == 1


def test_deep_names_are_nested_and_a_list_may_stand_inside() -> None:
    assert catalog("a[b][c]=v&a[b][d][]=x&a[b][d][]=y").external_data == {"a": {"b": {"c": "v", "d": ["x", "y"]}}}


def test_a_plus_is_a_plus_unless_the_connection_says_otherwise() -> None:
    url = "worklink://resource?action=fetch_catalog&asset=1&k=a+b%2B"

    assert parse(url).external_data == {"k": "a+b+"}
    assert parse(url, plus_is_space=True).external_data == {"k": "a b+"}


def test_contacts_need_no_target_and_a_target_of_another_action_is_left_out_and_said() -> None:
    assert parse("worklink://resource?action=fetch_company_contact").target is None
    assert parse("worklink://resource?action=fetch_contact_list&group=7").target == Target("group", "7")
    link = parse("worklink://resource?action=fetch_user&user=c-1&asset=2")
    assert (link.target, link.external_data, len(link.warnings)) == (Target("user", "c-1"), {}, 1)


def test_a5_a_link_pasted_from_the_cms_may_have_an_action_of_its_own() -> None:
    pasted = DEFERRED + quote("worklink://resource?action=open_thing&scenario=9", safe="")

    link = parse(pasted, any_action=True)

    assert link == Link("open_thing", Target("scenario", "9"), {}, "deferred")
    assert build(link) == pasted


def test_parameters_beside_the_wrapped_link_and_a_fragment_are_left_out_and_said() -> None:
    link = parse(VECTORS["V1"][2] + "&utm=mail")
    assert (link.external_data, len(link.warnings)) == ({"work_order_id": "WO-000981"}, 1)
    assert len(catalog("k=1#top").warnings) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"1a": "x"}, "bad_key"),
        ({"a-b": "x"}, "bad_key"),
        ({"": "x"}, "bad_key"),
        ({"a" * 65: "x"}, "bad_key"),
        ({"a": {"b c": "x"}}, "bad_key"),
        ({"a": []}, "bad_value"),
        ({"a": {}}, "bad_value"),
        ({"a": [["x"]]}, "bad_value"),
        ({"a": 5}, "bad_value"),
        ({"a": "\ud800"}, "bad_value"),
        ({"a": "x" * 2000}, "too_long"),
    ],
)
def test_what_no_link_can_carry_is_not_built(data: dict[str, object], code: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        build(Link("fetch_catalog", Target("asset", "1"), data))  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.code == code


def test_a_link_without_action_or_target_is_not_built() -> None:
    for link, code in [
        (Link(""), "missing_action"),
        (Link("fetch_catalog"), "missing_target"),
        (Link("fetch_user", Target("user", "")), "missing_target"),
    ]:
        with pytest.raises(LinkRefused) as refused:
            build(link)
        assert refused.value.code == code


NAMES = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=8).map(lambda name: "k" + name)
NAMES = NAMES.filter(lambda name: name not in RESERVED)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    TEXTS | st.lists(TEXTS, min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=6,
)
AIMS = st.sampled_from([("fetch_catalog", "asset"), ("fetch_catalog", "catalog"), ("fetch_user", "user")])
LINKS = st.builds(
    lambda aim, value, data, form: Link(aim[0], Target(aim[1], value), data, form),
    AIMS,
    TEXTS.filter(bool),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.sampled_from(["direct", "deferred"]),
)


@given(LINKS)
def test_what_is_built_is_read_the_same(link: Link) -> None:
    assert parse(build(link, longest=100_000), longest=100_000) == link


QUERIES = st.text(st.sampled_from("aA[]=&%+#?20FFé/:k ") | st.characters(), max_size=40)


@given(QUERIES, st.booleans(), st.booleans())
def test_nothing_but_the_named_errors(text: str, any_action: bool, plus: bool) -> None:
    known = {"not_worklink", "missing_action", "unknown_action", "missing_target", "ambiguous_target", "bad_encoding"}
    codes = {
        _code(url, any_action=any_action, plus_is_space=plus)
        for url in (text, f"worklink://resource?action=fetch_catalog&asset=1&{text}", f"{DEFERRED}{text}")
    }
    assert codes <= known | {"too_long", ""}


def _code(url: str, *, any_action: bool, plus_is_space: bool) -> str:
    try:
        parse(url, any_action=any_action, plus_is_space=plus_is_space)
    except LinkRefused as refused:
        return refused.code
    return ""
