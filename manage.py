#!/usr/bin/env python
"""Django's command line for Fieldport."""

import sys

from django.core.management import execute_from_command_line

import portal  # noqa: F401  chooses the settings, which a .env file may name

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
