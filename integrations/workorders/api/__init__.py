"""The REST API of work orders."""
