"""Why a visit cannot begin. A message is for the person who set up the field app; `code` leaves as `error=` (2.9)."""

from typing import ClassVar

from integrations.core.errors import PermanentError


class ArrivalRefused(PermanentError):
    """Base of all. Nothing is created."""

    code: ClassVar[str] = "refused"


class QueryTooLong(ArrivalRefused):
    """The query string is longer than we read (5.20)."""

    code = "query_too_long"


class NotFound(ArrivalRefused):
    """An id is malformed, or this token may not see what it names: one answer for all, it reveals nothing (2.9)."""

    code = "not_found"


class UnknownTaskGroup(ArrivalRefused):
    """`task_group_name` is missing or unknown (2.9)."""

    code = "unknown_task_group"


class TaskGroupNotApplicable(ArrivalRefused):
    """The group exists, and the types of the order leave it out (5.6)."""

    code = "task_group_not_applicable"


class UnknownType(ArrivalRefused):
    """One of `type_names` does not exist in the application (section 3)."""

    code = "unknown_type"


class NameTooLong(ArrivalRefused):
    """`work_order_name` has more characters than are kept (5.9)."""

    code = "name_too_long"


class InvalidMetadata(ArrivalRefused):
    """`wo_metadata` is no base64 of a JSON object, or its values are not as declared (2.9, 5.21)."""

    code = "invalid_metadata"


class TokenRefused(ArrivalRefused):
    """This text cannot be a token (2.1). The message never shows it."""

    code = "invalid_token"
