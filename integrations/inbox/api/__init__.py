"""The REST API of received webhooks and their replays."""
