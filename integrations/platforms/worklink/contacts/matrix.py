"""Who may call whom, by licence (vendor sheet, 1). Pure."""

import re

from integrations.platforms.worklink.models.contacts import Licence

_EVERYBODY = (Licence.GUEST, Licence.TECH, Licence.TECH_PLUS, Licence.EXPERT)
# Recording needs an Expert who places the call.
MAY_CALL: dict[str, tuple[Licence, ...]] = {
    Licence.GUEST: (Licence.EXPERT,),
    Licence.TECH: (Licence.EXPERT,),
    Licence.TECH_PLUS: (Licence.TECH_PLUS, Licence.EXPERT),
    Licence.EXPERT: _EVERYBODY,
}
_NAMES = {
    **{re.sub(r"[^a-z+]", "", value.lower()): value for value in Licence.values if value},
    **{re.sub(r"[^a-z+]", "", str(label).lower()): value for value, label in Licence.choices if value},
    "companyadmin": Licence.ADMIN,
    "administrator": Licence.ADMIN,
}


def may_call(caller: str, callee: str) -> bool | None:
    """Say whether one licence may call another; None if one of them is not known."""
    if not caller or not callee:
        return None
    return callee in MAY_CALL.get(caller, ())


def callers_of(callee: str) -> list[str]:
    """Return the licences that may call this one."""
    return [caller for caller, callees in MAY_CALL.items() if callee in callees]


def licence_of(text: str) -> str | None:
    """Return the licence that a text names, as the CMS or a person writes it; None if there is no such licence."""
    plain = re.sub(r"[^a-z+]", "", text.lower())
    return _NAMES.get(plain) if plain else ""
