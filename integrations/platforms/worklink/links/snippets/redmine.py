"""Redmine: a plugin of one Ruby file, whose hook shows the link on the page of an issue. Pure."""

import re

from integrations.platforms.worklink.links.snippets.assembly import Assembly
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System
from integrations.platforms.worklink.links.snippets.variables import Variables

PLUGIN = """\
require 'erb'

Redmine::Plugin.register :worklink_links do
  name 'WorkLink links'
  version '1'
end

module WorklinkLinks
  def self.text(value)
    Array(value).join(',')
  end

  def self.custom(issue, name)
    found = issue.custom_field_values.detect {{ |each| each.custom_field.name == name }}
    found ? text(found.value) : ''
  end

  def self.encode(value)
    ERB::Util.url_encode(value)
  end

  def self.link_of(issue)
{fields}
    link = {sum}
    {refused} ? '' : link
  end

  class Hook < Redmine::Hook::ViewListener
    def view_issues_show_details_bottom(context = {{}})
      link = WorklinkLinks.link_of(context[:issue])
      link.empty? ? '' : content_tag(:p, link_to('Open in WorkLink', link))
    end
  end
end
"""
# Only what an issue is asked for without changing it.
ATTRIBUTES = ("id", "subject", "status", "assigned_to", "priority", "category", "project", "author", "tracker")
CUSTOM = "cf:"


def write(assembly: Assembly, names: Names) -> list[Snippet]:
    where = "Save it as plugins/worklink_links/init.rb and restart Redmine: the link stands on each issue's page."
    notes = (
        f"A name is {', '.join(ATTRIBUTES)}, or {CUSTOM} and the name of a custom field.",
        "Ruby 2.5 or newer, which leaves ~ as it is; older ones encode it.",
    )
    return [Snippet("redmine", "Plugin", _plugin(assembly, names), where, notes)]


def _plugin(assembly: Assembly, names: Names) -> str:
    variables = Variables(assembly, names, "(({test}).empty? ? '' : {part})")
    return PLUGIN.format(
        fields="\n".join(f"    {variables.of[field]} = {_read(name)}" for field, name in names.items()),
        sum=variables.sum(indent=6),
        refused=" || ".join([*variables.needed("{}.empty?"), f"link.length > {assembly.longest}"]),
    )


def _read(name: str) -> str:
    if name.startswith(CUSTOM):
        return f"custom(issue, '{name.removeprefix(CUSTOM)}')"
    return f"text(issue.{name}.to_s)"


SYSTEM = System(
    slug="redmine",
    label="Redmine",
    names={
        "key": "id",
        "title": "subject",
        "asset": "cf:Asset",
        "site": "cf:Site",
        "status": "status",
        "assignee": "assigned_to",
        "priority": "priority",
        "other": "cf:*",
    },
    # A custom field's name stands in single quotes: neither those nor a backslash.
    allowed=re.compile(rf"{'|'.join(ATTRIBUTES)}|{CUSTOM}[\w .:/+-]{{1,80}}"),
    example="cf:Asset",
    write=write,
)
