"""The same link asked for by several at once."""

import pytest

from integrations.events.models import Event
from integrations.platforms.worklink.links.issuing import links_of_many
from integrations.platforms.worklink.models import IssuedLink
from tests.platforms.worklink.links.making import make_cms, make_erp, make_order, make_template
from tests.platforms.worklink.test_races import in_threads


@pytest.mark.postgres
def test_what_many_ask_for_at_once_is_given_out_once(transactional_db: None) -> None:
    erp = make_erp()
    cms = make_cms()
    for name in "AB":
        make_template(cms, name=name)
    orders = [make_order(erp, f"WO-{number}") for number in range(10)]

    def ask(backwards: bool) -> set[str]:
        offers = links_of_many(reversed(orders) if backwards else orders)
        return {each.link.lnk for of_order in offers.values() for each in of_order if each.link}

    answers = in_threads(*[lambda each=number: ask(bool(each % 2)) for number in range(6)])

    given = set(IssuedLink.objects.values_list("lnk", flat=True))
    assert len(given) == 20
    assert all(answer == given for answer in answers)
    assert Event.objects.filter(type="link.issued").count() == 20
