"""What the sweep asks: are there events without a number?"""

from integrations.events.models import Event


def events_wait() -> bool:
    return Event.objects.unnumbered().exists()
