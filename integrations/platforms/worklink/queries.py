"""What we would like to know, as GraphQL. The probe takes out what a server does not have (vendor sheet 4.5)."""

from collections.abc import Sequence

SESSION_WANTED = """
{
  id databaseId state sessionType startedAt endedAt finishedAt duration idleDuration
  numberOfStepsPossible numberOfStepsViewed percentOfStepsViewed externalData
  scenarioRelease { id version publishedAt scenario { id name originGroup { id name } } }
  steps(first: $n) {
    nodes { id startedAt endedAt scenarioStep { id name orderIndex scenarioSequence { name } } }
    pageInfo { hasNextPage endCursor }
  }
  events(first: $n) {
    nodes {
      id type valueType createdAt receivedAt eventData externalData
      photo { fileUrl fileURL }
      attachments(first: 10) { nodes { id name type fileContentType fileUrl fileURL } }
      scenarioSessionStep { id scenarioStep { name orderIndex } }
    }
    pageInfo { hasNextPage endCursor }
  }
  parts(first: $n, orderBy: { attribute: "startedAt", direction: DESC }) {
    nodes { id databaseId startedAt endedAt externalData createdBy { id name email } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

CALL_WANTED = """
{
  id databaseId state startedAt connectedAt endedAt duration externalData
  createdBy { id name email }
  participants(first: $n) {
    nodes { role joinedAt leftAt user { id name email } }
    pageInfo { hasNextPage endCursor }
  }
  attachments(first: $n) {
    nodes { id name type fileContentType fileUrl fileURL }
    pageInfo { hasNextPage endCursor }
  }
}
"""

# The older spelling of a field is asked for only where the newer one is missing.
OLDER_NAMES = {"finishedAt": "endedAt", "fileURL": "fileUrl"}

# Lists are for finding what no webhook told us of: cheap facts only.
LIST_WANTED = "{ id state sessionType startedAt endedAt }"

SCENARIO_WANTED = "{ id databaseId name publishedAt originGroup { name } }"

CATALOG_WANTED = """
{
  id databaseId name externalAssetId
  scenarios(first: $n) { nodes { id databaseId name } pageInfo { hasNextPage endCursor } }
}
"""

USER_WANTED = "{ id databaseId name firstName lastName username email callId }"
# What the vendor shows people and documents for no API: asked for where a server has it, and not missed elsewhere.
USER_BESIDES = "{ groups(first: 20) { nodes { name } } licenseType license }"

# Which groups there are, and of which the token sees something.
GROUPS_WANTED = """
{ viewer { organization {
  groups(first: 100) { nodes { id name } }
  scenarios(first: 100) { nodes { originGroup { id } } }
} } }
"""

TYPENAME = "query PortalTypename($id: ID!) { node(id: $id) { __typename id } }"

PICTURE_WANTED = """
{ id photo { fileUrl fileURL } attachments(first: 10) { nodes { id type fileContentType fileUrl fileURL } } }
"""

INTROSPECTION = """
query PortalProbe {
  __schema {
    queryType { name }
    mutationType { name }
    types {
      name
      kind
      fields(includeDeprecated: true) {
        name
        args { name }
        type { ...Named }
      }
    }
  }
}
fragment Named on __Type {
  name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind } } } }
}
"""

TOPICS = "query PortalTopics { webhookTopics(first: 100) { nodes { id key version description } } }"

SUBSCRIPTIONS = """
query PortalSubscriptions {
  webhookSubscriptions(first: 100) { nodes { id callbackUrl topic { key version } } }
}
"""

SUBSCRIBE = """
mutation PortalSubscribe($topic: String!, $url: String!, $secret: String!) {
  createWebhookSubscription(
    webhookSubscription: { topic: { key: $topic }, callbackUrl: $url, sharedSecret: $secret }
  ) { errors { field message } webhookSubscription { id } }
}
"""

UNSUBSCRIBE = """
mutation PortalUnsubscribe($id: ID!) {
  deleteWebhookSubscription(id: $id) { errors { field message } deletedId }
}
"""


def node_query(type_name: str, selection: str) -> str:
    """Return the query that reads one object with all of a (pruned) selection."""
    # A variable that is declared and not used is an error (GraphQL, 5.8.4): no list may be left to need it.
    head = f"query Portal{type_name}($id: ID!, $n: Int!)" if "$n" in selection else f"query Portal{type_name}($id: ID!)"
    return f"{head} {{ node(id: $id) {{ __typename ... on {type_name} {selection} }} }}"


def picture_query(type_name: str, selection: str) -> str:
    """Return the query that reads the photos of one event, with fresh links."""
    return f"query PortalPicture($id: ID!) {{ node(id: $id) {{ __typename ... on {type_name} {selection} }} }}"


def more_query(type_name: str, field: str, *, position: str) -> str:
    """Return the query for a further page of one nested list; `field` is its selection, `position` its argument."""
    kind = "Int" if position == "afterIndex" else "String"
    return (
        f"query Portal{type_name}More($id: ID!, $n: Int!, $position: {kind}) "
        f"{{ node(id: $id) {{ __typename ... on {type_name} {{ {field} }} }} }}"
    )


def listing_query(path: Sequence[str], selection: str, *, name: str, position: str) -> str:
    """Return the query for one page of a list that lies at a path of objects, such as viewer.organization.scenarios."""
    kind = "Int" if position == "afterIndex" else "String"
    declared = f"($n: Int!, $position: {kind})" if position else "($n: Int!)"
    arguments = f"first: $n, {position}: $position" if position else "first: $n"
    body = f"{path[-1]}({arguments}) {{ totalCount nodes {selection} pageInfo {{ hasNextPage endCursor }} }}"
    for field in reversed(path[:-1]):
        body = f"{field} {{ {body} }}"
    return f"query Portal{name}Listing{declared} {{ {body} }}"


def list_query(root: str, selection: str, *, name: str, arguments: str, position: str) -> str:
    """Return the query for one page of a root list, newest first where the server can order.

    `$size` objects, with `$n` of each list inside of them, where the selection has such lists.
    """
    kind = "Int" if position == "afterIndex" else "String"
    declared = ["$size: Int!", *(["$n: Int!"] if "$n" in selection else [])]
    declared += [f"$position: {kind}"] if position else []
    return (
        f"query Portal{name}({', '.join(declared)}) {{ {root}(first: $size{arguments}) "
        f"{{ totalCount nodes {selection} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
