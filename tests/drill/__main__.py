"""`make drill`: kills everything at random while webhooks flow, and says whether anything was lost or done twice."""

import argparse
import sys

from tests.drill.drill import Drill, Options
from tests.drill.verdict import verdict_of

FULL_RATE = 4.0


def main() -> int:
    options = _options()
    where = "SQLite and an embedded Valkey" if options.embedded else "a PostgreSQL cluster and a Valkey of its own"
    print(f"drill: seed {options.seed}, {options.webhooks} webhooks, on {where}", flush=True)
    return verdict_of(Drill(options).run, named=f"drill: seed {options.seed}")


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--webhooks", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, help="how long the day is; by default 4 webhooks per second")
    parser.add_argument("--between", type=float, nargs=2, default=(3.0, 9.0), help="seconds between two harms")
    parser.add_argument("--patience", type=float, default=240.0, help="seconds for all to be done at the end")
    parser.add_argument("--events", type=int, default=300, help="how many are passed on beside the webhooks")
    parser.add_argument("--embedded", action="store_true", help="on SQLite, as make run does")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs for a look")
    given = parser.parse_args()
    return Options(
        seed=given.seed,
        webhooks=given.webhooks,
        seconds=given.seconds or given.webhooks / FULL_RATE,
        between=(given.between[0], given.between[1]),
        patience=given.patience,
        events=given.events,
        embedded=given.embedded,
        keep=given.keep,
    )


if __name__ == "__main__":
    sys.exit(main())
