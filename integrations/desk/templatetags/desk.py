"""Badges and times for the desk's own pages; the markup is `core.badges`."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from integrations.connections.admin import environment_badge, health_badge
from integrations.connections.models import Connection
from integrations.core import badges

register = template.Library()


@register.filter
def moment(at: datetime | None) -> SafeString:
    return badges.moment(at)


@register.simple_tag
def badge(text: str, tone: str) -> SafeString:
    return badges.badge(text, tone)


@register.simple_tag
def state(code: str, label: str = "") -> SafeString:
    return badges.state_badge(code, label or code.replace("_", " ").lower())


@register.simple_tag
def environment(connection: Connection) -> SafeString:
    return environment_badge(connection)


@register.simple_tag
def health(connection: Connection) -> SafeString:
    return health_badge(connection)
