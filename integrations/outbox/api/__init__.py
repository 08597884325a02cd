"""The REST API of deliveries: what was sent to whom, what came of it, and sending it again."""
