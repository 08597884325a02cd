"""Names of WorkLink's objects as used inside this folder."""

import re

SESSION = "ScenarioSession"
CALL = "CallSession"
WANTED = (SESSION, CALL)
# What is listed for catalogs and contacts.
SCENARIO = "Scenario"
CATALOG = "ScenarioCatalog"
USER = "User"
# A notification that names an id and no type: the type is asked for by its own read (vendor sheet 3.3, rule 4).
NODE = "Node"

_ALIASES = {
    "scenariosession": SESSION,
    "workinstructionsession": SESSION,
    "callsession": CALL,
    "call": CALL,
    "scenario": "Scenario",
    "scenariorelease": "ScenarioRelease",
    "user": "User",
}
# What the CMS is known to notify of and nobody here asks for; anything else is "never seen" (E22).
KNOWN_UNWANTED = ("Scenario", "ScenarioRelease", "User")
PAST_TENSE = {"create": "created", "update": "updated", "finish": "finished", "pause": "paused", "resume": "resumed"}


def type_name(text: str) -> str:
    """Return our name of a type; case, `-` and `_` do not count. Unknown names come back in PascalCase."""
    plain = re.sub(r"[-_\s]", "", text).lower()
    if plain in _ALIASES:
        return _ALIASES[plain]
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_\s]+", text) if part)


def verb_name(text: str) -> str:
    """Return a verb in the past tense; unknown ones as they are."""
    return PAST_TENSE.get(text.lower(), text)
