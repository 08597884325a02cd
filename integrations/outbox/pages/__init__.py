"""The admin of the outbox: destinations, deliveries, resends."""
