"""Plain values to YAML: the same values always make the same bytes."""

from typing import Any

import yaml

from integrations.core.config.plain import Plain

HEADER = """\
# The configuration of a Fieldport installation: docs/config-as-code.md.
# Not in it: users, groups, the values of secrets, and what was received or written.
"""
# Breaks that a reader of YAML would turn into another, or trailing blanks that editors remove: in quotes, escaped.
_ONLY_QUOTED = ("\r", "\t", "\x85", "\u2028", "\u2029", "\ufeff")


class Inline(dict[str, Plain]):
    """An object that is written on one line, such as {env: NAME}."""


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 takes for something else than text too, and writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, as people do."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if any(each in text for each in _ONLY_QUOTED):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _inline(dumper: yaml.SafeDumper, value: Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Inline, _inline)


def yaml_of(value: Plain) -> str:
    """Return YAML, keys in the order of the dictionaries, texts of several lines as blocks."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=2**31 - 1
    )
