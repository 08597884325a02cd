"""The words of the ledger and of its mappings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OperationKind(models.TextChoices):
    LOOKUP = "LOOKUP", _("look up the record")
    UPDATE = "UPDATE", _("update fields")
    NOTE = "NOTE", _("append a note")
    ATTACH = "ATTACH", _("attach a file")
    CREATE = "CREATE", _("create a child record")


class WriteKind(models.TextChoices):
    OPERATION = "OPERATION", _("by a mapping")
    RAW = "RAW", _("a script's own request")


class Protocol(models.TextChoices):
    REST = "REST", "REST"
    GRAPHQL = "GRAPHQL", "GraphQL"


class KeyPlace(models.TextChoices):
    NONE = "NONE", _("nowhere")
    HEADER = "HEADER", _("in a header")
    BODY = "BODY", _("in the body, by {key}")


class WhenUnsure(models.TextChoices):
    ASK = "ASK", _("ask an operator")
    REPEAT = "REPEAT", _("send again")


class FieldType(models.TextChoices):
    AS_IS = "AS_IS", _("as it is")
    TEXT = "TEXT", _("text")
    INTEGER = "INTEGER", _("whole number")
    NUMBER = "NUMBER", _("number")
    BOOLEAN = "BOOLEAN", _("yes or no")
    TIME = "TIME", _("time")
    DATE = "DATE", _("date")
    LIST = "LIST", _("list")


class WriteState(models.TextChoices):
    WAITING = "WAITING", _("waiting")
    SENT = "SENT", _("sent, not settled")
    DONE = "DONE", _("done")
    SKIPPED = "SKIPPED", _("skipped")
    FAILED = "FAILED", _("failed")
    UNSURE = "UNSURE", _("needs a decision")


class Verdict(models.TextChoices):
    CONFIRMED = "CONFIRMED", _("confirmed by reading back")
    DRIFTED = "DRIFTED", _("read back differently")
    UNVERIFIED = "UNVERIFIED", _("answered, not read back")
    UNSURE = "UNSURE", _("not known")
    CAPTURED = "CAPTURED", _("recorded, not sent")
