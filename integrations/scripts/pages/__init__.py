"""The pages of a script beside its form: the editor, its versions, trying a text."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path, reverse

from integrations.scripts.models import Script, ScriptVersion
from integrations.scripts.pages import editor, trying, versions
from integrations.scripts.pages.jail import jail

__all__ = ["editor_url", "jail", "urls", "version_url", "versions_url"]

PATHS: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "editor": ("<int:pk>/editor/", editor.page),
    "check": ("<int:pk>/check/", trying.check),
    "dry_run": ("<int:pk>/dry-run/", trying.dry_run),
    "versions": ("<int:pk>/versions/", versions.all_of),
    "version": ("<int:pk>/versions/<int:number>/", versions.one),
    "publish": ("<int:pk>/versions/<int:number>/publish/", versions.publish),
    "difference": ("<int:pk>/difference/", versions.difference),
}


def urls(owner: Any) -> list[URLPattern]:
    """Return the addresses of the pages, for the admin class of scripts."""
    wrap = owner.admin_site.admin_view
    return [
        path(route, wrap(partial(view, owner)), name=f"scripts_script_{name}") for name, (route, view) in PATHS.items()
    ]


def editor_url(script: Script) -> str:
    return reverse("admin:scripts_script_editor", args=[script.pk])


def versions_url(script: Script) -> str:
    return reverse("admin:scripts_script_versions", args=[script.pk])


def version_url(version: ScriptVersion) -> str:
    return reverse("admin:scripts_script_version", args=[version.script_id, version.number])
