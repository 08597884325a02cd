"""Expected photos and their verdicts, in the REST API of this house."""
