"""Why a request of the camera page is refused. The sentence is for the person who reads the page."""

from integrations.core.errors import PermanentError


class Refusal(PermanentError):
    """Base of all. `code` is a contract with the page; `answer` is the HTTP status."""

    code = "refused"
    answer = 400
    title = "This cannot be done."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.title)


class NotNow(Refusal):
    """Nothing is wrong with the request: the same one is good later, after `wait` seconds."""

    wait = 15


class NoVisit(Refusal):
    """No visit, another visit's cookie, or none: one answer for all."""

    code, answer = "no_visit", 401
    title = "This visit is not open here. Go back to the app and open the camera again."


class VisitOver(Refusal):
    code, answer = "visit_over", 401
    title = "This visit has ended. Go back to the app and open the camera again."


class NotHere(Refusal):
    """Unknown, deleted, malformed, or of another order: one answer for all (vendor sheet, 2.9)."""

    code, answer = "not_found", 404
    title = "There is nothing with this id."


class ReadOnly(Refusal):
    code, answer = "read_only", 409
    title = "This work order is closed: its photos can be looked at, and nothing can be added."


class TooManyGuesses(Refusal):
    code, answer = "too_many_guesses", 429
    title = "Too many unknown tokens came from this address. Wait ten minutes."


class KeyReused(Refusal):
    code, answer = "key_reused", 409
    title = "This idempotency key was used for another address; use a new key for a new visit."


class Malformed(Refusal):
    code, answer = "malformed", 400
    title = "The request cannot be read."
