"""What every change of endpoints, filters and policies does: count it, and tell the processes that read the log."""

import json
from collections.abc import Iterable

from integrations.core.ids import random_token
from integrations.core.wake import announce
from integrations.events.models import Sequence

CHANNEL = "events"


def changed(workspace_id: int, *, deleted: Iterable[str] = ()) -> None:
    """Note in the caller's transaction that who is told of what has changed; `deleted` are ids of endpoints.

    The row is the one that the sequencer locks: what it numbers after this commit follows the new rules. The text is
    never used twice, so that nobody takes for known what he read in a transaction that was undone.
    """
    Sequence.objects.get_or_create(workspace_id=workspace_id)
    Sequence.objects.filter(workspace_id=workspace_id).update(revision=random_token(8))
    announce(CHANNEL, json.dumps({"workspace": workspace_id, "changed": True, "deleted": sorted(deleted)}))


def numbered(workspace_id: int, *, last: int) -> None:
    """Tell the websocket hubs, after the commit, that the log of a workspace now reaches to `last`. Only a nudge."""
    announce(CHANNEL, json.dumps({"workspace": workspace_id, "last": last}))
