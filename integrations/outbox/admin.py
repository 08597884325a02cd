from integrations.outbox.pages import deliveries, destinations, resends

__all__ = ["deliveries", "destinations", "resends"]  # each registers its list
