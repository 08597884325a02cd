class StartRefused(Exception):
    """Fieldport cannot start here; the message says why and what to do."""
