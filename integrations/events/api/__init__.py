"""Endpoints, event filters and events over the REST API."""
