"""The WorkLink CMS: GraphQL API, webhooks, expiring file links, after sections 3 and 4 of the vendor sheet."""
