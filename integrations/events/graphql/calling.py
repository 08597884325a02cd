"""Who asks, and what every resolver of a root field does: the scope first, then the call, then its refusals by name."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from graphql import GraphQLResolveInfo

from integrations.connections.models import ApiToken
from integrations.events import cursors
from integrations.events.graphql import errors
from integrations.events.refusals import Missing, Refused
from integrations.events.selectors.feed import CursorExpired

Args = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request. `caller`: who changes something, as rows remember it. `warnings`: what a person should know."""

    workspace_id: int
    scopes: Collection[str]
    caller: str
    now: datetime
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def with_token(cls, token: ApiToken, *, now: datetime) -> "Call":
        return cls(cast(int, token.workspace_id), token.scopes, f"{token.name} (API token)", now)


Resolve = Callable[[Call, Args], Any]


def resolver(scope: str, resolve: Resolve) -> Callable[..., Any]:
    """Return the resolver of a root field for tokens that have the scope."""

    def resolved(_root: Any, info: GraphQLResolveInfo[Call], **args: Any) -> Any:
        call = info.context
        if scope not in call.scopes:
            raise errors.problem(errors.FORBIDDEN, f"{call.caller} lacks the scope {scope}.", scope=scope)
        try:
            return resolve(call, args)
        except Refused as refused:
            argument = next(iter(refused.errors), "")
            more = {"argument": argument, "arguments": refused.errors}
            raise errors.problem(errors.BAD_INPUT, str(refused), **more) from None
        except Missing:
            raise _missing(info.field_name, args) from None
        except cursors.CursorInvalid as refused:
            raise errors.bad("after", str(refused)) from None
        except CursorExpired as expired:
            raise errors.problem(errors.CURSOR_EXPIRED, f"after: {expired}", oldestCursor=expired.oldest) from None

    return resolved


def _missing(field_name: str, args: Args) -> Exception:
    """What another workspace has does not exist either."""
    kind = "event filter" if field_name.endswith("Filters") else "endpoint"
    argument = next(name for name in ("id", "ids", "endpointId") if name in args)
    return errors.problem(errors.NOT_FOUND, f"{argument}: there is no such {kind}.", argument=argument)
