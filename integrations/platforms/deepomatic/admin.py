from django.contrib import admin
from django.utils.translation import gettext_lazy

from integrations.core.admin import WorkAdmin
from integrations.platforms.deepomatic.models import CorrectionPush


@admin.register(CorrectionPush)
class CorrectionPushAdmin(WorkAdmin):
    heading = gettext_lazy("Corrections at Deepomatic")
    intro = gettext_lazy("Verdicts that were corrected here, each to be corrected there too, once.")
    empty_hint = gettext_lazy("The first correction of a photo that Deepomatic judged brings one.")
    list_display = ("__str__", "state_badge", "explained", "belongs_to", "due", "attempts")
    search_fields = ("task", "=input_uuid")
    search_help_text = gettext_lazy("Task or input id")
    exclude = ("claim_token",)
