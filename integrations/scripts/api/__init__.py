"""The REST API of scripts and their runs."""
