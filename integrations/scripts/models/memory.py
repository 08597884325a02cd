"""What a script remembers from run to run (`ctx.store`)."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from integrations.scripts.models.definition import Script


class ScriptValueQuerySet(models.QuerySet["ScriptValue"]):
    def current(self, now: datetime) -> "ScriptValueQuerySet":
        """Values that have not expired."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


class ScriptValue(models.Model):
    """One JSON value of at most 32 KiB, written when the run that set it finishes."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="values")
    key = models.CharField(max_length=200)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScriptValueQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["script", "key"], name="scripts_scriptvalue_key_is_one")]

    def __str__(self) -> str:
        return self.key
