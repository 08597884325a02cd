"""What languages with variables share: one for each field, read first and encoded where the link needs it. Pure."""

from dataclasses import dataclass

from integrations.platforms.worklink.links.snippets.assembly import Assembly, Language, terms
from integrations.platforms.worklink.links.snippets.kinds import Names


@dataclass(frozen=True)
class Variables:
    """`leave_out` is the code of a part that may go, with `{test}` (the sum of its fields) and `{part}`."""

    assembly: Assembly
    names: Names
    leave_out: str

    @property
    def of(self) -> dict[str, str]:
        """The variable of each field: `{"key": "f1"}`."""
        return {field: f"f{number}" for number, field in enumerate(self.names, 1)}

    def sum(self, *, indent: int) -> str:
        """Return the link as a sum over several lines."""
        return f" +\n{' ' * indent}".join(terms(self.assembly, self._language()))

    def needed(self, code: str) -> list[str]:
        """Return `code` with each variable that must not be empty."""
        return [code.format(self.of[field]) for field in self.assembly.needed]

    def _language(self) -> Language:
        return Language(
            text=lambda text: f"'{text}'",
            value=lambda field: f"{'encode(' * self.assembly.times}{self.of[field]}{')' * self.assembly.times}",
            plus=" + ",
            unless_empty=lambda fields, part: self.leave_out.format(
                test=" + ".join(self.of[field] for field in fields), part=part
            ),
        )
