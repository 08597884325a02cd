"""The REST API of writes."""
