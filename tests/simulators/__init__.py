"""Doubles of the vendors' platforms that speak real HTTP: the WorkLink CMS and a sample system of record."""
