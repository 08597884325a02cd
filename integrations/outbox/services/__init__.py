"""What the outbox can do; `enqueuing`, `destinations` and `resending` hold it."""
