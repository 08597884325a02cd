"""Why a change of endpoints or filters is refused."""

from collections.abc import Mapping


class Refused(ValueError):
    """Nothing was stored. `errors`: by the name of the argument, what is wrong and what would be right."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {said}" for name, said in errors.items()))
        self.errors = dict(errors)


class Missing(LookupError):
    """There is no such thing in the workspace: of another one, it does not exist either."""
