"""What import-linter cannot see: foreign keys, vendors' words, doors out, work without a task."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

from integrations.core.drain import _sweeps
from integrations.core.work import Work, kinds

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["core", "connections", "inbox outbox schedules", "events", "workorders", "sync camera", "scripts readiness"]
FLOORS += ["worklink deepomatic generic", "desk analytics stores"]
FLOOR_OF = {app: number for number, floor in enumerate(FLOORS) for app in floor.split()}
VENDOR_WORDS = re.compile(
    r"scope_?ar\b|scenario_?session|call_?session|webhook_?topic|x-scope-|externaldata|worklink", re.IGNORECASE
)
OWN_HTTP = {"requests": {"get", "post", "put", "patch", "delete", "head", "request", "Session"}}
DOORS = {"urllib.request", "http.client", "urllib3", "httpx", "aiohttp", "websockets"}


def _modules(folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def test_foreign_keys_point_down_and_never_sideways() -> None:
    wrong = []
    for model in apps.get_models():
        floor = FLOOR_OF.get(model._meta.app_label)
        for field in model._meta.get_fields():
            if floor is None or not isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
                continue
            target = field.related_model
            assert not isinstance(target, str)
            below = FLOOR_OF.get(target._meta.app_label, -1)
            if target._meta.app_label != model._meta.app_label and below >= floor:
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert wrong == []


def test_a_vendors_word_appears_in_its_folder_only() -> None:
    """Apart from tables of contents (settings, menu, groups) and the demonstration, which is of one vendor."""
    allowed = {
        *(f"integrations/desk/{name}.py" for name in ("demo", "menu", "groups")),
        "portal/settings/",
        "portal/supervisor/",
    }
    found = []
    for path in [*_modules("integrations"), *_modules("portal")]:
        name = path.relative_to(ROOT).as_posix()
        if "platforms/worklink" in name or any(name.startswith(each) for each in allowed):
            continue
        found += [f"{name}: {word}" for word in set(VENDOR_WORDS.findall(path.read_text()))]
    assert found == []


def test_http_leaves_through_core_only() -> None:
    found = []
    for path in _modules("integrations"):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("integrations/core/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            found += [f"{name}:{line}" for line in _own_doors(node)]
    assert found == []


def _own_doors(node: ast.AST) -> list[int]:
    if isinstance(node, ast.Import) and any(alias.name in DOORS for alias in node.names):
        return [node.lineno]
    if isinstance(node, ast.ImportFrom) and node.module in DOORS:
        return [node.lineno]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return [node.lineno] if node.attr in OWN_HTTP.get(node.value.id, ()) else []
    return []


def test_only_the_settings_read_the_environment() -> None:
    found = []
    for path in [*_modules("integrations"), *_modules("portal")]:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("portal/settings/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and _is_os(node.value):
                found.append(f"{name}:{node.lineno}")
    # These choose the settings, or hand the whole environment on to what they start.
    starters = ("portal/asgi.py", "portal/celery.py", "portal/supervisor/programs.py")
    assert [line for line in found if not line.startswith(starters)] == []


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, Work)])
def test_every_kind_of_work_is_registered_with_a_task_that_exists(model: type[Work]) -> None:
    current_app.loader.import_default_modules()
    tasks = {kind.model: kind.task for kind in kinds()}

    assert model in tasks, f"{model._meta.label}: register it in its AppConfig.ready()"
    assert tasks[model] in current_app.tasks


def test_no_two_kinds_of_work_share_a_task() -> None:
    """Celery keeps one of two functions of a name, without a word: the other's rows would wait for ever."""
    tasks = [kind.task for kind in kinds()]

    assert sorted(tasks) == sorted(set(tasks))


def test_every_sweep_hints_a_task_that_exists() -> None:
    current_app.loader.import_default_modules()

    assert _sweeps
    assert set(_sweeps) <= set(current_app.tasks)


def test_every_task_is_three_lines_that_never_retry() -> None:
    long = []
    for path in (ROOT / "integrations").rglob("tasks.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and len(ast.unparse(node).splitlines()) > 8:
                long.append(f"{path.name}: {node.name}")
        assert "self.retry" not in path.read_text()
    assert long == []


def test_only_the_modules_of_files_ask_the_storage() -> None:
    """Else an error of the storage's own would get through, or a file be written where no sweep looks."""
    allowed = {f"integrations/core/{name}.py" for name in ("files", "copying", "management/commands/copy_files")}
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("integrations", "portal")
        for path in _modules(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("django.core.files.storage")
    }
    assert found == allowed

    fields = re.compile(r"\.(file|thumbnail|document)\.(open|read|save|delete|size|url|path)\b")
    around = [path.as_posix() for path in _modules("integrations") if fields.search(path.read_text())]
    assert around == []
