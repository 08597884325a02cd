"""A Salesforce organisation, as far as its public documentation says how it behaves."""
