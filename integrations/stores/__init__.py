"""Data stores: the tables for analysts, loaded into the customer's own database, warehouse or files."""
