"""Enqueues flows: `python -m tests.bench.baseline.enqueue < ids`, one id a line."""

import sys

from tests.bench.baseline.tasks import flow

if __name__ == "__main__":
    for line in sys.stdin:
        flow.delay(line.strip())
