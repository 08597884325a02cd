"""The tables for analysts as a page of the documentation."""

from collections.abc import Iterator

from integrations.core.analyst_tables import Family, Table, families

HEAD = """# Tables for analysts

Made by `manage.py data_tables`; a test compares. In Fieldport's own database each is a view with `analytics_` before
its name; in a data store it is a table ([data-stores.md](data-stores.md)). Names are contracts: columns are added at
the end, none is renamed or taken away.

Times are UTC. Types: text, whole (64-bit), number (floating), truth, time. What is empty or not known is NULL.
"""


def page() -> str:
    return "\n".join([HEAD, *(line for family in families() for line in _lines(family))]) + "\n"


def _lines(family: Family) -> Iterator[str]:
    for table in family.tables:
        yield f"## {table.name}\n"
        yield f"{table.about}. Key: {', '.join(f'`{name}`' for name in table.key)}.\n"
        yield from _columns(table)
        yield ""


def _columns(table: Table) -> Iterator[str]:
    yield "| column | type | what it holds |"
    yield "|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.type} | {column.about} |"
