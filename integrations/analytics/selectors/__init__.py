"""The report, read from what was measured."""
