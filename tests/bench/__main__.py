"""Runs the bench and prints its figures as Markdown."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import receiving


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--webhooks", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fieldport-bench-") as folder:
        log = Path(folder) / "log"
        _print_receiving(log, count=options.webhooks)


def _print_receiving(log: Path, *, count: int) -> None:
    baseline, ours = receiving.measure(log, count=count)
    print("\n| receiving, 2 KB, durable, 50 connections | per second | CPU per webhook | p50 | p99 | refused |")
    print("|---|---|---|---|---|---|")
    for each in (baseline, ours):
        refused = sum(times for status, times in each.load.answers.items() if status >= 300)
        print(
            f"| {each.name} | {each.load.per_second:,.0f} | {each.cpu_ms:.2f} ms "
            f"| {each.load.percentile(0.5) * 1e3:.1f} ms | {each.load.percentile(0.99) * 1e3:.1f} ms | {refused} |"
        )
    print(
        f"| ratio | {ours.load.per_second / baseline.load.per_second:.1f} × "
        f"| {baseline.cpu_ms / ours.cpu_ms:.1f} × less | | | |"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
