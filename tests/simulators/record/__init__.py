"""A sample system of record: work orders with notes, attachments and sessions, through REST and GraphQL."""
