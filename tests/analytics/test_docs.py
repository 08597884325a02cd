"""The example of the page is applied as written."""

import re
from pathlib import Path

import pytest

from integrations.analytics.models import BusinessCalendar, ReportPolicy
from integrations.core.config.documents import ConfigRefused
from tests.config.making import applied
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()


def test_the_configuration_of_the_page_is_applied() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None

    applied(example[1])

    assert ReportPolicy.of(make_workspace().pk).calendar == BusinessCalendar.objects.get()
    assert applied(example[1]).changes_nothing


def test_hours_that_cannot_be_read_are_refused_in_a_file() -> None:
    with pytest.raises(ConfigRefused, match="Mon-Fri 08:00-17:00"):
        applied('fieldport: 1\nbusiness_calendars: {default: {desk: {name: Desk, shifts: ["Mon 8-17"]}}}')

    assert not BusinessCalendar.objects.exists()
