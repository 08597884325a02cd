"""GraphQL for both simulators, by graphql-core, with a fast way for plain queries."""
