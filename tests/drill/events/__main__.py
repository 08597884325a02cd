"""`make drill EVENTS=100000`: kills everything in turn while events flow, and says whether anybody missed any."""

import argparse
import sys

from tests.drill.events.drill import EventDrill, Options
from tests.drill.verdict import verdict_of

FULL_RATE = 250.0


def main() -> int:
    options = _options()
    print(f"drill of events: seed {options.seed}, {options.events} events", flush=True)
    return verdict_of(EventDrill(options).run, named=f"drill of events: seed {options.seed}")


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, help="how long events flow; by default 250 per second")
    parser.add_argument("--between", type=float, nargs=2, default=(3.0, 8.0), help="seconds between two harms")
    parser.add_argument("--down", type=float, nargs=2, default=(3.0, 50.0), help="seconds that a receiver stays away")
    parser.add_argument("--patience", type=float, default=600.0, help="seconds for all to be done at the end")
    parser.add_argument("--no-fairness", action="store_true", help="leave out the measurement of fairness")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs for a look")
    given = parser.parse_args()
    return Options(
        seed=given.seed,
        events=given.events,
        seconds=given.seconds or given.events / FULL_RATE,
        between=(given.between[0], given.between[1]),
        down=(given.down[0], given.down[1]),
        patience=given.patience,
        fair=not given.no_fairness,
        keep=given.keep,
    )


if __name__ == "__main__":
    sys.exit(main())
