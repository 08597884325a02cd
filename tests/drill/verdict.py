"""How a drill is run from the command line: told on a line each, judged by its exit code."""

import signal
import sys
from collections.abc import Callable, Sequence


def verdict_of(run: Callable[[], Sequence[object]], *, named: str) -> int:
    """Run a drill and print each breach; return 0 if there is none, 1 if there are, 130 if it was interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        breaches = run()
    except KeyboardInterrupt:
        print("stopped; nothing was judged")
        return 130
    for breach in breaches:
        print(f"BREACH  {breach}")
    verdict = f"FAILED, {len(breaches)} breaches" if breaches else "passed"
    print(f"{named}: {verdict}", flush=True)
    return 1 if breaches else 0
