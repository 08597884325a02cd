"""Copying all files from one storage to another: safe to stop and to start again, and to run while both are used."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import Storage


class CopyDiffers(Exception):
    """The target does not have what it was given."""


@dataclass
class Copied:
    """How far it is: what was copied, and what was there before, of this many files."""

    folder: str = ""
    new: int = 0
    there: int = 0


def copy_all(source: Storage, target: Storage) -> Iterator[Copied]:
    """Copy what the target does not have in the same size; yield after each folder. :raises CopyDiffers:"""
    done = Copied()
    for folder, names in _walked(source, ""):
        there = set(_listed(target, folder)[1])
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if name in there and target.size(path) == source.size(path):
                done.there += 1
            elif _copy(source, target, path, replace=name in there):
                done.new += 1
        done.folder = folder
        yield done


def _walked(storage: Storage, folder: str) -> Iterator[tuple[str, list[str]]]:
    folders, names = _listed(storage, folder)
    if names:
        yield folder, sorted(names)
    for each in sorted(folders):
        yield from _walked(storage, str(PurePosixPath(folder, each)))


def _listed(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _copy(source: Storage, target: Storage, path: str, *, replace: bool) -> bool:
    """Copy one file; False if it is gone meanwhile. `replace`: a former run was stopped while it wrote it."""
    try:
        with source.open(path) as file:
            content = file.read()
    except FileNotFoundError:
        return False
    if replace:
        target.delete(path)
    if target.save(path, ContentFile(content)) != path or target.size(path) != len(content):
        raise CopyDiffers(f"{path} did not arrive as it was sent.")
    return True
