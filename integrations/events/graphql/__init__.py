"""The event service's GraphQL API: it reads arguments, calls selectors and services, and names what they refuse."""
