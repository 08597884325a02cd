"""A ServiceNow instance, as far as its public documentation says how it behaves."""
