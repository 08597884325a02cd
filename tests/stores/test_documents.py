"""The pages say what is true."""

from pathlib import Path

from integrations.core.analyst_tables import TYPES, all_tables
from integrations.stores.describing import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_tables_is_up_to_date() -> None:
    assert (DOCS / "data-tables.md").read_text() == page()


def test_each_column_says_what_it_holds() -> None:
    for table in all_tables():
        assert {column.type for column in table.columns} <= set(TYPES)
        assert all(column.about for column in table.columns)
        assert set(table.key) <= {column.name for column in table.columns}


def test_the_grants_of_the_page_name_every_view() -> None:
    text = (DOCS / "data-stores.md").read_text()

    assert [table.view for table in all_tables() if table.view not in text] == []
