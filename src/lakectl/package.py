"""What is shipped: function packages and the Glue job's files, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from lakectl import wheels as wheel
from lakectl.bytecode import with_bytecode
from lakectl.failure import Failure

if TYPE_CHECKING:  # `sam build` comes here six times, and needs no compiler
    from lakectl.compile import Compiled

EPOCH = (1980, 1, 1, 0, 0, 0)
GLUE_JARS = ("deequ-", "dqdl-")
"""What Glue does not bring by itself; Iceberg comes by --datalake-formats."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What functions run on. `wheels` is how uv names the platform."""

    runtime: str
    architecture: str
    wheels: str


LAMBDA = Platform("python3.12", "arm64", "aarch64-manylinux_2_28")
GLUE = Platform("python3.11", "x86_64", "x86_64-manylinux_2_28")
LAPTOP = Platform(f"python{sys.version_info[0]}.{sys.version_info[1]}", "x86_64", "")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file in the artifact bucket; its key carries its content's digest, so a key never changes meaning."""

    key: str
    path: Path


def artifacts(root: Path, platform: Platform, engines: Collection[str] = ("glue",)) -> dict[str, Artifact]:
    """Everything that the templates refer to, by the name that stacks.py uses. `engines` run the heavy jobs."""
    bytecode = root / ".lake/build/bytecode"
    light = with_bytecode(stage_a_files(root, platform), platform.runtime, bytecode)
    built = {
        "functions": functions(root, platform),
        "stage-a": _zip(root, f"stage-a-{platform.runtime}-{platform.architecture}", light),
        "lake": _zip(root, "lake", _package(root, "lake", leave_out=("light", "handlers", "flows")), "jobs"),
        "light": _zip(root, "light", _package(root, "lake", leave_out=("heavy",)), "jobs"),
        "wheels": _wheels(root, wheels(root, GLUE if platform.wheels else platform)),
        "pydeequ": _zip(root, "pydeequ", _files(root / ".lake/glue"), "jobs"),
        "job": _as_it_is(root / "src/lake/heavy/job.py", "jobs"),
        "large-job": _as_it_is(root / "src/lake/handlers/stage_a_large.py", "jobs"),
        "large-states": _as_it_is(root / "pipelines/stage-a-large.asl.json", "pipelines"),
        "states": _as_it_is(root / "pipelines/stage-b.asl.json", "pipelines"),
    }
    if "emr-serverless" in engines:
        built["packages"] = _zip(root, "packages", packages(root, platform), "jobs")
        built["emr-states"] = _as_it_is(root / "pipelines/stage-b-emr.asl.json", "pipelines")
    for prefix in GLUE_JARS:
        jar = next(iter(sorted((root / ".lake/jars").glob(f"{prefix}*.jar"))), None)
        if jar is not None:
            built[prefix.rstrip("-")] = Artifact(f"jobs/{jar.name}", jar)
    return built


def functions(root: Path, platform: Platform) -> Artifact:
    """The package of every function but stage A."""
    files = with_bytecode(function_files(root), platform.runtime, root / ".lake/build/bytecode")
    return _zip(root, "functions", files)


def function_files(root: Path) -> dict[str, Path]:
    """The package of every function but stage A, by path in it: Lambda's runtime brings the rest."""
    return _package(root, "lake", leave_out=("heavy", "light"))


def stage_a_files(root: Path, platform: Platform) -> dict[str, Path]:
    """The package of stage A: the light engine and what it depends on."""
    return {**_package(root, "lake", leave_out=("heavy",)), **_files(wheels(root, platform))}


def compiled_file(root: Path, compiled: Compiled) -> Artifact:
    """A compiled dataset as a file; the digest in its name is its version."""
    path = root / ".lake/build" / compiled.artifact_key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compiled.json())
    return Artifact(compiled.artifact_key, path)


def wheels(root: Path, platform: Platform) -> Path:
    """The folder of stage A's dependencies for a platform."""
    if not platform.wheels:
        return root / ".lake/stage-a"
    return _installed(root, platform, "stage-a", f"{platform.runtime}-{platform.architecture}")


def packages(root: Path, platform: Platform) -> dict[str, Path]:
    """What a Python worker of Glue finds without asking, and one of EMR Serverless does not, by path in its archive.

    On a laptop Spark's own environment has it; the archive holds the list alone.
    """
    listed = root / "requirements/emr.txt"
    shipped = _files(_installed(root, GLUE, "emr", f"emr-{GLUE.runtime}")) if platform.wheels else {}
    return {**shipped, listed.name: listed}


def _installed(root: Path, platform: Platform, requirements: str, name: str) -> Path:
    """The folder with the packages of requirements/<requirements>.txt for a platform that is not this one."""
    folder = root / ".lake/wheels" / name
    if not folder.exists():
        uv = str(root / ".venv/bin/uv")
        command = [uv, "pip", "install", "-q", "--target", str(folder), "--no-deps", "--require-hashes"]
        command += ["--python-version", platform.runtime.removeprefix("python"), "--only-binary", ":all:"]
        command += ["--python-platform", platform.wheels, "-r", str(root / f"requirements/{requirements}.txt")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"No wheels of {requirements} for {platform.wheels}:\n{done.stderr.strip()}")
    return folder


def _package(root: Path, name: str, leave_out: Iterable[str]) -> dict[str, Path]:
    source = root / "src"
    skipped = tuple(source / name / folder for folder in leave_out)
    return {
        path.relative_to(source).as_posix(): path
        for path in (source / name).rglob("*.py")
        if not any(path.is_relative_to(folder) for folder in skipped)
    }


def _files(folder: Path) -> dict[str, Path]:
    """What a package folder holds, without what only tools read."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "bin"} & set(path.parts) and path.name != ".lock"
    }


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Where to write what shall stand under a path at once and whole, however many processes write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}.part")
    yield unfinished
    unfinished.replace(path)


def _zip(root: Path, name: str, files: Mapping[str, Path], folder: str = "functions") -> Artifact:
    digest = _digest_of_files(files)
    path = root / ".lake/build" / f"{name}-{digest}.zip"
    if not path.exists():
        with (
            _whole(path) as unfinished,
            zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ):
            for inside, file in sorted(files.items()):
                entry = zipfile.ZipInfo(inside, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    return Artifact(f"{folder}/{path.name}", path)


def _wheels(root: Path, installed: Path) -> Artifact:
    """What Glue asks of the name: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html"""
    path = root / ".lake/build" / f"light-{_digest_of_files(_files(installed))}.gluewheels.zip"
    if not path.exists():
        with _whole(path) as unfinished:
            unfinished.write_bytes(wheel.archive(installed))
    return Artifact(f"jobs/{path.name}", path)


def _as_it_is(path: Path, folder: str) -> Artifact:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return Artifact(f"{folder}/{path.stem}-{digest}{path.suffix}", path)


def _digest_of_files(files: Mapping[str, Path]) -> str:
    """Bytecode counts by its name alone: it follows from its source, but not to the last byte."""
    content = hashlib.sha256()
    for inside, file in sorted(files.items()):
        read = b"" if inside.endswith(".pyc") else file.read_bytes()
        content.update(inside.encode() + b"\0" + hashlib.sha256(read).digest())
    return content.hexdigest()[:16]
