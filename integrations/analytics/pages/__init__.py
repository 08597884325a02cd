"""The report in the admin: figures with their chart, the jobs behind them, and both as CSV."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from integrations.analytics.pages import exports, jobs

PATHS: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
    "jobs": ("jobs/", jobs.page),
    "figures_csv": ("figures.csv", exports.figures_csv),
    "jobs_csv": ("jobs.csv", exports.jobs_csv),
}


def urls(owner: Any) -> list[URLPattern]:
    """Return the addresses of the pages beside the report itself, which is the list of measured jobs."""
    wrap = owner.admin_site.admin_view
    return [
        path(route, wrap(partial(view, owner)), name=f"analytics_measuredjob_{name}")
        for name, (route, view) in PATHS.items()
    ]
