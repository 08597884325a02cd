"""Maximo: an automation script in the part of Python that Jython 2.7 and Python 3 share. Pure."""

import re

from integrations.platforms.worklink.links.snippets.assembly import Assembly
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System
from integrations.platforms.worklink.links.snippets.variables import Variables

SCRIPT = """\
BARE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'


def text(name):
    return mbo.getString(name) or u''


def encode(value):
    octets = bytearray(value.encode('utf-8'))
    return ''.join([chr(each) if chr(each) in BARE else '%%%02X' % each for each in octets])


{fields}
link = (
    {sum}
)
if {refused}:
    link = ''
mbo.setValue('{target}', link)
"""
TARGET = "WORKLINK"


def write(assembly: Assembly, names: Names) -> list[Snippet]:
    where = (
        "Automation Scripts, Create, Script with Object Launch Point: object WORKORDER, Save, Add and Update, Before "
        f"Save; language jython. The link goes into {TARGET}: add an attribute (ALN, 2000) by that name."
    )
    notes = ("A name with dots goes through a relationship, such as ASSET.SERIALNUM.",)
    return [Snippet("maximo", "Automation script", _script(assembly, names), where, notes)]


def _script(assembly: Assembly, names: Names) -> str:
    variables = Variables(assembly, names, "({part} if {test} else '')")
    return SCRIPT.format(
        fields="\n".join(f"{variables.of[field]} = text('{name}')" for field, name in names.items()),
        sum=variables.sum(indent=4),
        refused=" or ".join([*variables.needed("not {}"), f"len(link) > {assembly.longest}"]),
        target=TARGET,
    )


SYSTEM = System(
    slug="maximo",
    label="Maximo",
    names={
        "key": "WONUM",
        "title": "DESCRIPTION",
        "asset": "ASSETNUM",
        "site": "LOCATION",
        "status": "STATUS",
        "assignee": "LEAD",
        "priority": "WOPRIORITY",
        "other": "*",
    },
    allowed=re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,3}"),
    example="ASSET.SERIALNUM",
    write=write,
)
