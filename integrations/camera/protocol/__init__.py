"""The camera connector's protocol: values in, values out; no tables, no requests, no clock.

Sections in the docstrings are those of the vendor's interface contract.
"""
