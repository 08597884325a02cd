import sys

from portal.settings.running import run_options
from portal.supervisor.errors import StartRefused
from portal.supervisor.running import Supervisor

if __name__ == "__main__":
    try:
        sys.exit(Supervisor(run_options()).run())
    except StartRefused as refusal:
        sys.exit(f"\nFieldport did not start: {refusal}\n")
