"""`make drill`: everything is killed at random while webhooks flow, and afterwards nothing may be missing or double."""
