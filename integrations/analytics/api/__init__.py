"""The REST API of reports."""
