"""Runs the bench and prints its figures as Markdown."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import deliveries, flows, importing, lists, matching, pictures, receiving, scripts, sockets, uploading


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--webhooks", type=int, default=20_000)
    parser.add_argument("--flows", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=50)
    parser.add_argument("--scripts", type=int, default=10_000)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--imports", type=int, nargs="*", default=[10_000, 100_000], help="sessions of each import")
    parser.add_argument("--sockets", type=int, default=1_000, help="that each of 100 events goes to")
    parser.add_argument("--matching", type=int, default=1, help="0: leave out the look-up among event filters")
    parser.add_argument("--idle", type=int, default=10_000, help="sockets that only stay open")
    parser.add_argument("--uploads", type=int, default=60, help="photos by four phones at full speed")
    parser.add_argument("--technicians", type=int, nargs="*", default=[400, 1600], help="in an hour")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of that hour, for each number")
    parser.add_argument("--rows", type=int, default=1_000_000, help="sessions, orders and so on under every list")
    parser.add_argument("--rounds", type=int, default=20, help="that each list is opened")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fieldport-bench-") as folder:
        log = Path(folder) / "log"
        parts: list[tuple[int, Callable[[], None]]] = [
            (options.webhooks, lambda: _print_receiving(log, count=options.webhooks)),
            (options.flows, lambda: _print_flows(log, count=options.flows)),
            (options.sockets, lambda: _print_sockets(log, count=options.sockets, idle=options.idle)),
            (options.events, lambda: _print_deliveries(log, events=options.events)),
            (
                options.uploads,
                lambda: _print_uploads(log, count=options.uploads, rates=options.technicians, window=options.window),
            ),
            (options.matching, _print_matching),
            (options.scripts, lambda: _print_scripts(count=options.scripts)),
            (options.pictures, lambda: _print_pictures(count=options.pictures)),
            (len(options.imports), lambda: _print_imports(options.imports)),
            (options.rows, lambda: _print_lists(count=options.rows, rounds=options.rounds)),
        ]
        for wanted, part in parts:
            if wanted:
                part()


def _print_imports(counts: Sequence[int]) -> None:
    print("\n| import from the CMS, whole sessions | per second | CPU per session | most memory |\n|---|---|---|---|")
    for each in importing.measure(*counts):
        print(f"| {each.name} | {each.per_second:,.0f} | {each.cpu_ms:.1f} ms | {each.memory:.0f} MB |", flush=True)


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


def _print_flows(log: Path, *, count: int) -> None:
    (plain, ours, scripted), latencies = flows.measure(log, count=count)
    print("\n| flows: fetch, map, look up, write, read back | per second | worker CPU per flow |")
    print("|---|---|---|")
    for each in (plain, ours, scripted):
        print(f"| {each.name} | {each.per_second:.0f} | {each.cpu_ms:.1f} ms |")
    for name, each in (("mapping", ours), ("script", scripted)):
        print(f"| ratio, {name} | {each.per_second / plain.per_second:.2f} × | {each.cpu_ms / plain.cpu_ms:.2f} × |")
    print("\n| webhook to confirmed write | flows | p50 | p99 |\n|---|---|---|---|")
    for latency in latencies:
        print(f"| {latency.rate:.0f}/s | {latency.count} | {latency.p50 * 1e3:.0f} ms | {latency.p99 * 1e3:.0f} ms |")


def _print_sockets(log: Path, *, count: int, idle: int) -> None:
    figures = sockets.measure(log, sockets=count, events=100, idle=idle)
    plain, ours = figures.plain, figures.ours
    print(f"\n| 100 events of 1 KB to {count} websockets, one process | deliveries/s | p99 | server CPU per delivery |")
    print("|---|---|---|---|")
    for each in (plain, ours):
        print(f"| {each.name} | {each.per_second:,.0f} | {_ms(each.p99)} | {each.cpu_us:.1f} µs |")
    print(f"| ratio | {ours.per_second / plain.per_second:.2f} × | | {plain.cpu_us / ours.cpu_us:.1f} × less |")
    print("\n| events handed in, 8 senders | events/s | web CPU per request | per event |\n|---|---|---|---|")
    for handed in figures.ingest:
        request, event = handed.cpu_per_request * 1e3, handed.cpu_per_request * 1e3 / handed.size
        print(f"| batches of {handed.size} | {handed.per_second:,.0f} | {request:.2f} ms | {event:.3f} ms |")
    print(f"\n{figures.idle} idle sockets: {figures.idle_mb:.0f} MB.")
    sys.stdout.flush()


def _print_deliveries(log: Path, *, events: int) -> None:
    print("\n| one event to 100 webhook destinations, 2 KB | per second | worker CPU per delivery |\n|---|---|---|")
    plain, ours = deliveries.measure(log, events=events)
    for each in (plain, ours):
        print(f"| {each.name} | {each.per_second:,.0f} | {each.cpu_ms:.2f} ms |")
    print(f"| ratio | {ours.per_second / plain.per_second:.2f} × | {ours.cpu_ms / plain.cpu_ms:.2f} × |")


def _print_matching() -> None:
    few, many, asked = matching.measure()
    print("\n| which endpoints an event goes to | CPU per look-up | filters that match |\n|---|---|---|")
    for each in (few, many, asked):
        print(f"| {each.name} | {each.cpu * 1e6:,.1f} µs | {each.matches:.1f} |")
    print(f"| ratio, 10,000 filters to 100 | {many.cpu / few.cpu:.2f} × | |")
    sys.stdout.flush()


def _print_scripts(*, count: int) -> None:
    figures = scripts.measure(count=count)
    plain, ours = figures.plain, figures.ours
    print("\n| scripts: 5 KB in, 20 fields out, two threads | per second | CPU per script | p50 | p99 |")
    print("|---|---|---|---|---|")
    for each in (plain, ours):
        p50, p99 = each.percentile(0.5) * 1e3, each.percentile(0.99) * 1e3
        print(f"| {each.name} | {each.per_second:,.0f} | {each.cpu_ms:.2f} ms | {p50:.2f} ms | {p99:.2f} ms |")
    print(f"| ratio | {ours.per_second / plain.per_second:.2f} × | {ours.cpu_ms / plain.cpu_ms:.1f} × | | |")
    print(f"\nA host call: {figures.host_call * 1e6:.0f} µs, there and back.")


def _print_uploads(log: Path, *, count: int, rates: list[int], window: float) -> None:
    fast, paced = uploading.measure(log, count=count, rates=rates, window=window)
    print(
        "\n| 12-megapixel photos, 4 phones at once | uploads/s | verdicts/s | web CPU | worker CPU | upload p50 | p95 |"
    )
    print("|---|---|---|---|---|---|---|")
    for each in fast:
        cpu = f"{_ms(each.web_cpu / each.count)} | {_ms(each.worker_cpu / each.count)}"
        reached = f"{each.count / each.sending:.1f} | {each.per_second:.1f}"
        print(f"| {each.name} | {reached} | {cpu} | {_p50_p95(each.uploads)} |")
    plain, ours = fast
    speed, cpu_ratio = ours.per_second / plain.per_second, ours.cpu / plain.cpu * plain.count / ours.count
    print(f"| ratio | | {speed:.2f} × | {cpu_ratio:.2f} × of web and worker together | | | |")
    for rate, runs in paced.items():
        print(f"\n{rate} technicians in an hour, {uploading.PHOTOS_PER_VISIT} photos each: {window:.0f} s of it\n")
        print("| | photos | upload p50 | p95 | verdict p50 | p95 | CPU of all cores | most waiting | web | worker |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for each in runs:
            seen = f"{each.watched.backlog} | {each.watched.web:.0f} MB | {each.watched.worker:.0f} MB"
            times = f"{_p50_p95(each.uploads)} | {_p50_p95(each.verdicts)}"
            print(f"| {each.name} | {each.count} | {times} | {each.cpu_share:.0%} | {seen} |")
    sys.stdout.flush()


def _p50_p95(values: list[float]) -> str:
    return " | ".join(_ms(uploading.percentile(values, share)) for share in (0.5, 0.95))


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms"


def _print_pictures(*, count: int) -> None:
    print("\n| 12-megapixel photo, upload to verdict | p50 | p95 | CPU per photo | memory, at most | idle |")
    print("|---|---|---|---|---|---|")
    for each in pictures.measure(count=count):
        p50, p95 = each.percentile(0.5) * 1e3, each.percentile(0.95) * 1e3
        times = f"{p50:.0f} ms | {p95:.0f} ms | {each.cpu * 1e3:.0f} ms"
        print(f"| {each.name} | {times} | {each.peak:.0f} MB | {each.before:.0f} MB |")


def _print_lists(*, count: int, rounds: int) -> None:
    found = lists.measure(count=count, rounds=rounds)
    print(f"\n| report and lists over {count:,} of each kind | p50 | p95 |\n|---|---|---|")
    for each in found.pages:
        wrong = "" if each.status == 200 else f" **answered {each.status}**"
        print(f"| {each.name.strip()}{wrong} | {_ms(each.p50)} | {_ms(each.p95)} |")
    slow = sum(each.p95 >= 1 for each in found.pages)
    print(f"\n{len(found.pages)} pages, {slow} of them over a second at p95; load {found.load:.0f}.")
    print(f"Made in {found.seeding:.0f} s; jobs measured in the background: {found.measured:,.0f} a second.")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
