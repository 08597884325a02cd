"""The words of the questionnaire and of its trials."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class YesNo(models.TextChoices):
    YES = "YES", _("yes")
    NO = "NO", _("no")


class Api(models.TextChoices):
    REST = "REST", _("yes, by REST")
    GRAPHQL = "GRAPHQL", _("yes, by GraphQL")
    NONE = "NONE", _("no")


class HasField(models.TextChoices):
    FIELD = "FIELD", _("yes, this one")
    TO_CREATE = "TO_CREATE", _("to be created")
    NO = "NO", _("no")


class Stage(models.TextChoices):
    """How far a trial has come. From WRITING on, the record may hold the trial's value."""

    ASKED = "ASKED", _("asked for")
    WRITING = "WRITING", _("being written")
    WRITTEN = "WRITTEN", _("not restored")
    RESTORED = "RESTORED", _("restored")
    UNTOUCHED = "UNTOUCHED", _("nothing was written")


UNRESTORED = (Stage.WRITING, Stage.WRITTEN)


class Finding(models.TextChoices):
    WORKS = "WORKS", _("works: written, read back, restored")
    DIFFERS = "DIFFERS", _("read back differently")
    REFUSED = "REFUSED", _("refused")


METHODS = ("PATCH", "PUT", "POST")
