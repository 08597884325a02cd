"""What one would write without Fieldport: a DRF view that stores a webhook, a Celery task that does one flow."""
