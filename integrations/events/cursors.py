"""A place in the log of a workspace, as opaque text. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

BIGGEST = 2**63 - 1


class CursorInvalid(ValueError):
    """Not a cursor of this workspace's log."""


@dataclass(frozen=True)
class Cursor:
    """After event `seq` of a workspace. `epoch` names the log: one that was begun anew has another."""

    workspace_id: int
    seq: int
    epoch: str

    def __str__(self) -> str:
        text = f"{self.workspace_id}.{self.seq}.{self.epoch}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, *, workspace_id: int) -> Cursor:
    """Return the cursor. :raises CursorInvalid: if it is damaged, or of another workspace"""
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        workspace, seq, epoch = plain.split(".", 2)
        found = Cursor(int(workspace), int(seq), epoch)
    except ValueError:
        raise CursorInvalid("This is not a cursor. Take it as it was given.") from None
    if found.workspace_id != workspace_id or not 0 <= found.seq <= BIGGEST or str(found) != text:
        raise CursorInvalid("This is not a cursor of this workspace. Take it as it was given.")
    return found
