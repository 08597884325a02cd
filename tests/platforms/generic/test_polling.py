import pytest

from integrations.core.errors import PermanentError
from integrations.platforms.generic.polling import Page, PageRules, next_page, path_of, problems, variables_of

FIRST = Page(since="2026-03-01T12:00:00Z")
QUERY = "query ($since: String!, $offset: Int) { orders(updatedSince: $since, offset: $offset) { nodes { number } } }"


def test_values_are_encoded_and_empty_parameters_left_out() -> None:
    rules = PageRules(path="/api/orders?updated_since={since}&after={cursor}&limit=50", next="next")

    assert path_of(FIRST, rules) == "/api/orders?updated_since=2026-03-01T12%3A00%3A00Z&limit=50"
    assert path_of(Page(since="x", cursor="a&b"), rules) == "/api/orders?updated_since=x&after=a%26b&limit=50"


def test_the_next_page_is_an_address_or_a_cursor_as_the_path_says() -> None:
    by_cursor, by_address = PageRules(path="/o?s={since}&c={cursor}", next="next"), PageRules(path="/o", next="next")

    assert next_page(FIRST, by_cursor, body={"next": "abc"}, count=3) == Page(FIRST.since, "abc", page=2, offset=3)
    second = next_page(FIRST, by_address, body={"next": "/o?page=2"}, count=3)
    assert second is not None
    assert path_of(second, by_address) == "/o?page=2"
    assert next_page(FIRST, by_cursor, body={"next": None}, count=3) is None


def test_pages_are_counted_until_one_is_empty() -> None:
    rules = PageRules(path="/o?s={since}&p={page}")

    assert next_page(FIRST, rules, body=[], count=2) == Page(FIRST.since, page=2, offset=2)
    assert next_page(FIRST, rules, body=[], count=0) is None
    assert next_page(FIRST, PageRules(path="/o?s={since}"), body=[], count=2) is None


def test_a_list_that_goes_round_in_a_circle_is_stopped() -> None:
    rules = PageRules(path="/o?c={cursor}", next="next")

    with pytest.raises(PermanentError, match="circle"):
        next_page(Page(since="", cursor="a"), rules, body={"next": "a"}, count=1)


def test_a_query_gets_the_variables_that_it_uses() -> None:
    assert variables_of(FIRST, PageRules(document=QUERY)) == {"since": FIRST.since, "offset": 0}


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        (PageRules(path="/o?since={sinze}"), "poll_path"),
        (PageRules(path="/o"), "poll_path"),
        (PageRules(path="/o?s={since}&c={cursor}"), "poll_path"),
        (PageRules(path="/o?s={since}", next="a["), "poll_next"),
        (PageRules(document="{ orders { number } }"), "poll_document"),
        (PageRules(document="mutation ($since: String) { x(a: $since) }"), "poll_document"),
        (PageRules(document="query {"), "poll_document"),
    ],
)
def test_wrong_rules_are_refused_by_the_name_of_the_field(rules: PageRules, name: str) -> None:
    assert list(problems(rules)) == [name]


def test_right_rules_and_none_have_no_problem() -> None:
    assert problems(PageRules()) == {}
    assert problems(PageRules(document=QUERY)) == {}
    assert problems(PageRules(path="/o?s={since}&c={cursor}", next="next")) == {}
