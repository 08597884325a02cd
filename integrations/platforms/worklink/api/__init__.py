"""The REST API of sessions and calls."""
