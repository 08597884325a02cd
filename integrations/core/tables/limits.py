"""What an uploaded table may be at most, and why it is refused."""

from dataclasses import dataclass

MIB = 1024 * 1024


class TableRefused(ValueError):
    """The file is not read; `code` names the rule for programs, the text is for the person who chose the file."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True)
class Limits:
    """`size`: bytes of the file; `unpacked`: bytes of a workbook's parts together; `cell`: characters."""

    size: int = 5 * MIB
    rows: int = 20_000
    columns: int = 60
    cell: int = 2_000
    unpacked: int = 64 * MIB
    entries: int = 500
    ratio: int = 200


def check_size(content: bytes, limits: Limits) -> None:
    """:raises TableRefused: if there is nothing, or too much"""
    if not content:
        raise TableRefused("empty", "The file is empty.")
    if len(content) > limits.size:
        raise TableRefused(
            "too_big", f"The file has {len(content):,} bytes; at most {limits.size:,} are read. Split it."
        )
