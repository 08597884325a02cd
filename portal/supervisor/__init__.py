"""One command that runs broker, web, worker and scheduler, and the demonstration: `python -m portal.supervisor`."""
