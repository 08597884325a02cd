"""How a calendar is edited."""

from django.utils.translation import gettext_lazy as _

from integrations.analytics.models import BusinessCalendar
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField


class CalendarForm(AnyModelForm):
    """Hours and closed days as lines of text."""

    shifts = LinesField(
        label=_("Business hours"), help_text=_("One line each, such as Mon-Fri 08:00-17:00 or Sat 22:00-06:00.")
    )
    closed_days = LinesField(label=_("Closed days"), help_text=_("One line each, such as 2026-12-25."))

    class Meta:
        model = BusinessCalendar
        fields = ("workspace", "name", "slug", "zone", "shifts", "closed_days")
