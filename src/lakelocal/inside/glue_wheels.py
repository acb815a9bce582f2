"""Python packages that a job brings along, in wheels or in an archive: installed once, without an index."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

from lakelocal.inside.glue_arguments import Refused

ZIP_OF_WHEELS = ".gluewheels.zip"
_lock = threading.Lock()


def installed(file: Path) -> Path:
    """The folder that holds what the wheels in this file hold. Raises Refused.

    A wheel without scripts is installed by unpacking it:
    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    return _made_once(file, _install)


def unpacked(file: Path) -> Path:
    """The folder that holds what lies in this archive. Raises Refused."""
    return _made_once(file, _unpack)


def _made_once(file: Path, make: Callable[[Path, Path], None]) -> Path:
    folder = file.with_name(f"{file.name}.installed")
    with _lock:
        if not folder.exists():
            partial = file.with_name(f"{file.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            make(file, partial)
            partial.rename(folder)
    return folder


def _unpack(file: Path, folder: Path) -> None:
    if not zipfile.is_zipfile(file):
        raise Refused(f"{file.name} is no zip. Locally only zips are unpacked: ship the archive as one.")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)


def _install(file: Path, folder: Path) -> None:
    if file.name.endswith(".whl"):
        with zipfile.ZipFile(file) as wheel:
            wheel.extractall(folder)
        return
    if not file.name.endswith(ZIP_OF_WHEELS):
        raise Refused(f"{file.name} is neither a wheel nor a zip of wheels: name it *.whl or *{ZIP_OF_WHEELS}.")
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        wheels = [name for name in names if name.startswith("wheels/") and name.endswith(".whl")]
        if "wheels/requirements.txt" not in names or not wheels:
            raise Refused(f"{file.name} holds no wheels/requirements.txt with wheels beside it, which Glue asks for.")
        for name in wheels:
            with archive.open(name) as inner, zipfile.ZipFile(inner) as wheel:
                wheel.extractall(folder)
