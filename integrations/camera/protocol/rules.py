"""`outcome_validation`: rules that judge a value, each a small JSON Schema with text and colour (4.5). The first wins.

A rule is written by an operator or read from a vendor's site, and runs on every photo: so its schema is small, follows
no reference, and has no keyword that takes long.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from integrations.camera.protocol.outcomes import Value
from integrations.camera.protocol.patterns import PatternRefused, check_pattern, found
from integrations.core.errors import PermanentError

MOST_RULES = 50
MOST_OF_A_SCHEMA = 4096
DEEPEST = 6

_JUDGING = frozenset(
    {"type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"}
)
_COMBINING = frozenset({"not", "allOf", "anyOf", "oneOf"})
_SAYING = frozenset({"title", "description", "$comment", "default", "examples", "$schema"})
_KNOWN = ", ".join(sorted(_JUDGING | _COMBINING | {"pattern"}))
_COLOR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")
_ANY_FORMAT = FormatChecker(formats=())


class RuleRefused(PermanentError):
    """This rule cannot be kept; the message says which one and why."""


@dataclass(frozen=True)
class Rule:
    """`schema`: as JSON. `sentences`: by language, "" for one without. `not_analyzed`: it is for a missing value."""

    schema: str
    sentences: Mapping[str, str]
    color: str = ""
    validated: bool = False
    not_analyzed: bool = False

    def sentence(self, language: str = "en") -> str:
        """Return the text to show in this language, else in English, else in any."""
        places = (language, "", "en", *self.sentences)
        return next((self.sentences[each] for each in places if each in self.sentences), "")


def read_rules(raw: object) -> tuple[Rule, ...]:
    """Read a task's rules; null is none.

    :raises RuleRefused: naming the rule by its number, from 1
    """
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        raise RuleRefused("The rules are a list.")
    if len(raw) > MOST_RULES:
        raise RuleRefused(f"There are {len(raw)} rules; a task has at most {MOST_RULES}.")
    return tuple(_rule(each, number=number) for number, each in enumerate(raw, start=1))


def matching(value: Value | None, rules: Sequence[Rule]) -> Rule | None:
    """Return the first rule for this value; for a missing value the first that is meant for one."""
    if value is None:
        return next((rule for rule in rules if rule.not_analyzed), None)
    return next((rule for rule in rules if not rule.not_analyzed and _validator(rule.schema).is_valid(value)), None)


def _rule(raw: object, *, number: int) -> Rule:
    if not isinstance(raw, Mapping):
        raise RuleRefused(f'Rule {number} is not an object, such as {{"schema": {{"const": true}}}}.')
    try:
        return Rule(
            schema=_schema({} if raw.get("schema") is None else raw["schema"]),
            sentences=_sentences(raw.get("sentence")),
            color=_color(raw.get("color") or ""),
            validated=_flag(raw, "is_conformity_validated"),
            not_analyzed=_flag(raw, "not_analyzed"),
        )
    except (RuleRefused, PatternRefused) as error:
        raise RuleRefused(f"Rule {number}: {error}") from None


def _schema(schema: object) -> str:
    """Return the schema as JSON: it can be a key of a cache, and nobody changes it behind a rule's back."""
    if problem := next(_problems(schema, depth=1), ""):
        raise RuleRefused(problem)
    try:
        text = json.dumps(schema, allow_nan=False)
        Draft202012Validator.check_schema(schema, format_checker=_ANY_FORMAT)  # type: ignore[arg-type]
    except SchemaError as error:
        raise RuleRefused(f"its schema is no JSON Schema: {error.message:.200}") from None
    except (ValueError, TypeError, RecursionError):
        raise RuleRefused("its schema is no JSON.") from None
    if len(text) > MOST_OF_A_SCHEMA:
        raise RuleRefused(f"its schema has {len(text)} characters; at most {MOST_OF_A_SCHEMA} are read.")
    return text


def _problems(schema: object, *, depth: int) -> Iterator[str]:
    """Yield what may not be in it; a wrong pattern is raised."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        yield f"a schema is an object, and at most {DEEPEST} are in one another."
        return
    for name, value in schema.items():
        if name in _COMBINING:
            for part in value if isinstance(value, list) else [value]:
                yield from _problems(part, depth=depth + 1)
        elif name == "pattern":
            check_pattern(value)
        elif name not in _JUDGING | _SAYING:
            yield f"{str(name)[:40]!r} is not understood; a rule knows {_KNOWN}."


def _sentences(given: object) -> Mapping[str, str]:
    if isinstance(given, str):
        return {"": given}
    if isinstance(given, Mapping) and all(isinstance(text, str) for text in given.values()):
        return {str(language): text for language, text in given.items()}
    if given is None:
        return {}
    raise RuleRefused("a sentence is a text, or one text for each language.")


def _color(given: object) -> str:
    if isinstance(given, str) and (given == "" or _COLOR.fullmatch(given)):
        return given
    raise RuleRefused("a colour is written as #00aa66.")


def _flag(raw: Mapping[Any, object], name: str) -> bool:
    if isinstance(flag := raw.get(name) or False, bool):
        return flag
    raise RuleRefused(f"{name} is true or false.")


def _pattern(validator: Validator, pattern: str, value: object, schema: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not found(pattern, value):
        yield ValidationError("The pattern does not match.")


_Linear: type[Validator] = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1024)
def _validator(schema: str) -> Validator:
    return _Linear(json.loads(schema))
