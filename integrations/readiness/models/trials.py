"""A field that is written, read back and restored on a record that a person named."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.core.work import Work, WorkQuerySet
from integrations.readiness.choices import UNRESTORED, Finding, Stage
from integrations.readiness.models.questionnaire import Questionnaire


class FieldTrialQuerySet(WorkQuerySet["FieldTrial"]):
    def unrestored(self) -> "FieldTrialQuerySet":
        """Trials whose value may still be on the record."""
        return self.filter(stage__in=UNRESTORED)


class FieldTrial(Work):
    """One trial. Each stage is committed before the request of the next, so a killed worker's trial is gone on with.

    `record`: as it was looked up; `before`: the field's value before; `way`: how it is written (see `trying.Way`);
    `steps`: what was sent and answered; `rereads`: how often this stage has read back; `restores`: tries to restore.
    """

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="trials")
    target = models.CharField(max_length=200)
    record_key = models.CharField(max_length=200)
    value = models.JSONField()
    way = models.JSONField(default=dict)
    record = models.JSONField(null=True)
    before = models.JSONField(null=True)
    stage = models.CharField(max_length=9, choices=Stage, default=Stage.ASKED)
    finding = models.CharField(max_length=7, choices=Finding, blank=True, default="")
    told = models.TextField(blank=True, default="")
    steps = models.JSONField(default=list)
    rereads = models.PositiveSmallIntegerField(default=0)
    restores = models.PositiveSmallIntegerField(default=0)
    asked_by = models.CharField(max_length=150)

    objects = FieldTrialQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("field trial")

    def __str__(self) -> str:
        return f"{self.target}, {self.record_key}"

    @property
    def origin(self) -> str:
        """What the ledger calls whoever asked for its writes."""
        return f"fieldtrial/{self.pk}"

    @property
    def is_unrestored(self) -> bool:
        return self.stage in UNRESTORED
