"""Salesforce: a formula field where it can be exact, and Apex, which always is. Pure."""

import re

from integrations.platforms.worklink.links.snippets.assembly import Assembly, Language, terms
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System
from integrations.platforms.worklink.links.snippets.variables import Variables

LONGEST_FORMULA = 3900  # characters of a formula field
LONGEST_SHOWN = 1300  # characters that a formula field can come to
# URLENCODE exists in buttons and pages only, not in formula fields, and a button encodes its whole address once more.
ENCODED = ("%", *" !\"#$&'()*+,/:;<=>?@[\\]^`{|}")
OBJECT = "WorkOrder"
APEX = """\
public with sharing class WorkLinkLinks {{
    // urlEncode writes a space as +, leaves * and encodes ~; a link is the other way round.
    private static String encode(String value) {{
        return EncodingUtil.urlEncode(value, 'UTF-8').replace('+', '%20').replace('*', '%2A').replace('%7E', '~');
    }}

    private static String text(Object value) {{
        return value == null ? '' : String.valueOf(value);
    }}

    // The record is read with its fields {fields_read}.
    public static String linkOf({object} record) {{
{fields}
        String link = {sum};
        return {refused} ? '' : link;
    }}
}}
"""


def write(assembly: Assembly, names: Names) -> list[Snippet]:
    return [_formula(assembly, names), _apex(assembly, names)]


def _formula(assembly: Assembly, names: Names) -> Snippet:
    where = f"Object Manager, {OBJECT}, Fields & Relationships, New: Formula, Text. It shows a link on the record."
    notes = (
        "Exact for letters of the English alphabet, digits and signs of the keyboard. Where a field may hold others, "
        "such as ü or ж, use the Apex class: a formula field has nothing that encodes them.",
        "Lightning opens https addresses from a formula; take the deferred form unless you tried the direct one.",
        "If Salesforce says that the compiled formula is too big, use the Apex class.",
        f"A formula field comes to {LONGEST_SHOWN} characters at most. A picklist is written TEXT(Status).",
    )
    text = _text_of_formula(assembly, names)
    if len(text) <= LONGEST_FORMULA:
        return Snippet("salesforce-formula", "Formula field", text, where, notes)
    refused = f"The formula would have {len(text)} characters; Salesforce takes {LONGEST_FORMULA}. Use the Apex class."
    return Snippet("salesforce-formula", "Formula field", "", where, notes, refused)


def _text_of_formula(assembly: Assembly, names: Names) -> str:
    language = Language(
        text=lambda text: f'"{text}"',
        value=lambda field: _substituted(names[field], assembly),
        plus=" & ",
        unless_empty=lambda fields, part: f'IF(ISBLANK({" & ".join(names[each] for each in fields)}), "", {part})',
    )
    link = f'HYPERLINK({" & ".join(terms(assembly, language))}, "Open in WorkLink", "_blank")'
    for field in reversed(assembly.needed):
        link = f'IF(ISBLANK({names[field]}), "", {link})'
    return link


def _substituted(name: str, assembly: Assembly) -> str:
    """The sign of percent comes first: what is put in for the others has one."""
    for sign in ENCODED:
        quoted = {'"': '\\"', "\\": "\\\\"}.get(sign, sign)
        name = f'SUBSTITUTE({name},"{quoted}","%{ord(sign):02X}")'
    return f'SUBSTITUTE({name},"%","%25")' if assembly.times > 1 else name


def _apex(assembly: Assembly, names: Names) -> Snippet:
    where = (
        "Setup, Apex Classes, New. Call WorkLinkLinks.linkOf from a trigger or a flow, and put what it returns into a "
        "URL field, or a text field where the link may be longer than 255 characters."
    )
    notes = ("Exact for every text. A record without one of the target's fields gets no link.",)
    return Snippet("salesforce-apex", "Apex class", _text_of_apex(assembly, names), where, notes)


def _text_of_apex(assembly: Assembly, names: Names) -> str:
    bare = {field: re.sub(r"^TEXT\((.*)\)$", r"\1", name) for field, name in names.items()}
    variables = Variables(assembly, names, "({test} == '' ? '' : {part})")
    read = [f"        String {variables.of[field]} = text(record.{_safe(name)});" for field, name in bare.items()]
    return APEX.format(
        fields_read=", ".join(dict.fromkeys(bare.values())),
        object=OBJECT,
        fields="\n".join(read),
        sum=variables.sum(indent=12),
        refused=" || ".join([*variables.needed("{} == ''"), f"link.length() > {assembly.longest}"]),
    )


def _safe(name: str) -> str:
    """Where a record that is referred to is missing, the value is null instead of an error."""
    return name.replace(".", "?.")


_NAME = r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}"
SYSTEM = System(
    slug="salesforce",
    label="Salesforce",
    names={
        "key": "WorkOrderNumber",
        "title": "Subject",
        "asset": "Asset.SerialNumber",
        "site": "Location.Name",
        "status": "TEXT(Status)",
        "assignee": "Owner.Name",
        "priority": "TEXT(Priority)",
        "other": "*__c",
    },
    allowed=re.compile(rf"{_NAME}|TEXT\({_NAME}\)"),
    example="Asset.SerialNumber",
    write=write,
)
