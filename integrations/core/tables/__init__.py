"""Tables that people upload and get: CSV and XLSX read under limits, by their content; CSV written for spreadsheets."""

from integrations.core.tables.headings import Columns, Row, Table
from integrations.core.tables.limits import Limits, TableRefused
from integrations.core.tables.reading import read_table, read_text, read_upload
from integrations.core.tables.writing import csv_lines, csv_response

__all__ = [
    "Columns",
    "Limits",
    "Row",
    "Table",
    "TableRefused",
    "csv_lines",
    "csv_response",
    "read_table",
    "read_text",
    "read_upload",
]
