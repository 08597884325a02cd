"""ServiceNow: a business rule in server-side JavaScript (ES5, as Rhino runs it). Pure."""

import re

from integrations.platforms.worklink.links.snippets.assembly import Assembly
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System
from integrations.platforms.worklink.links.snippets.variables import Variables

RULE = """\
(function executeRule(current, previous) {{
    function text(value) {{
        return value === null || value === undefined ? '' : String(value);
    }}
    // encodeURIComponent leaves !'()* as they are; in a link they are encoded, too.
    function encode(value) {{
        return encodeURIComponent(value).replace(/[!'()*]/g, function (sign) {{
            return '%' + sign.charCodeAt(0).toString(16).toUpperCase();
        }});
    }}

{fields}
    var link = {sum};
    if ({refused}) {{
        link = '';
    }}
    current.setValue('{target}', link);
}})(current, previous);
"""
TARGET = "u_worklink"


def write(assembly: Assembly, names: Names) -> list[Snippet]:
    where = (
        "System Definition, Business Rules, New: the table of your work orders, Advanced, When: before, Insert and "
        f"Update. The link goes into {TARGET}: add a field of the type URL (4000 characters) by that name."
    )
    notes = (
        "A UI action can use the same lines: instead of current.setValue say action.setRedirectURL(link).",
        "A name with dots goes through a reference, such as cmdb_ci.asset_tag.",
    )
    return [Snippet("servicenow", "Business rule", _rule(assembly, names), where, notes)]


def _rule(assembly: Assembly, names: Names) -> str:
    variables = Variables(assembly, names, "({test} ? {part} : '')")
    return RULE.format(
        fields="\n".join(f"    var {variables.of[field]} = text({_read(name)});" for field, name in names.items()),
        sum=variables.sum(indent=8),
        refused=" || ".join([*variables.needed("!{}"), f"link.length > {assembly.longest}"]),
        target=TARGET,
    )


def _read(name: str) -> str:
    return f"current.{name}" if "." in name else f"current.getValue('{name}')"


SYSTEM = System(
    slug="servicenow",
    label="ServiceNow",
    names={
        "key": "number",
        "title": "short_description",
        "asset": "cmdb_ci.asset_tag",
        "site": "location.name",
        "status": "state",
        "assignee": "assigned_to.user_name",
        "priority": "priority",
        "other": "u_*",
    },
    allowed=re.compile(r"[a-z][a-z0-9_]{0,79}(\.[a-z][a-z0-9_]{0,79}){0,3}"),
    example="cmdb_ci.asset_tag",
    write=write,
)
