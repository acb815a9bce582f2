"""One Python environment for each hashed requirement file, so that nothing sees more than it would on AWS."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from part import Part, run


def parts(root: Path) -> Iterator[Part]:
    """What every target needs."""
    yield Part("uv", [root / "requirements/uv.txt"], lambda: _first(root), root / ".venv")
    yield _environment(root, "dev", root / ".venv")
    yield Part("lake", [root / "pyproject.toml"], lambda: _ourselves(root), root / ".venv")
    yield _environment(root, "cloud", root / ".lake/envs/cloud")
    yield _environment(root, "spark", root / ".lake/envs/spark")
    yield _environment(root, "runtime", root / ".lake/envs/runtime", "--compile-bytecode")  # as in Lambda's image
    yield _files(root, "stage-a", root / ".lake/stage-a")
    yield _files(root, "glue", root / ".lake/glue")
    yield _files(root, "demo", root / ".lake/data")
    yield _files(root, "debugger", root / ".lake/debugger")


def sam(root: Path) -> Iterator[Part]:
    """SAM CLI, which only those need who invoke functions by it: 210 MB."""
    yield _environment(root, "sam", root / ".lake/envs/sam")


def docs(root: Path) -> Iterator[Part]:
    """What makes a site of the documents."""
    yield _environment(root, "docs", root / ".lake/envs/docs")


def audit(root: Path) -> Iterator[Part]:
    """What asks for known weaknesses of the pins."""
    yield _environment(root, "audit", root / ".lake/envs/audit")


def checkov(root: Path) -> Iterator[Part]:
    """What judges the templates, and the hundred packages that it needs."""
    yield _environment(root, "checkov", root / ".lake/envs/checkov")


def _environment(root: Path, name: str, environment: Path, *more: str) -> Part:
    listed = root / "requirements" / f"{name}.txt"

    def make() -> None:
        if environment != root / ".venv":
            run([_uv(root), "venv", "-q", "--clear", "--python", sys.executable, environment], name)
        python = environment / "bin" / "python"
        run([_uv(root), "pip", "install", "-q", "--python", python, "--require-hashes", *more, "-r", listed], name)

    return Part(name, [listed], make, environment)


def _files(root: Path, name: str, folder: Path) -> Part:
    listed = root / "requirements" / f"{name}.txt"

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        only = ["--target", folder, "--no-deps", "--require-hashes", "-r", listed]
        run([_uv(root), "pip", "install", "-q", "--python", root / ".venv/bin/python", *only], name)

    return Part(name, [listed], make, folder)


def _uv(root: Path) -> Path:
    return root / ".venv/bin/uv"


def _first(root: Path) -> None:
    """The command line's environment, and in it uv, which installs everything else."""
    shutil.rmtree(root / ".venv", ignore_errors=True)
    for name in ("dev", "lake"):
        (root / ".lake/stamps" / name).unlink(missing_ok=True)
    try:
        run([sys.executable, "-m", "venv", root / ".venv"], "a virtual environment")
    except RuntimeError as error:
        raise RuntimeError(f"{error}\nOn Debian and Ubuntu: apt-get install python3-venv") from error
    pip = [root / ".venv/bin/python", "-m", "pip", "install", "-q", "--require-hashes"]
    run([*pip, "-r", root / "requirements/uv.txt"], "uv")


def _ourselves(root: Path) -> None:
    """`.venv/bin/lake`, pointing at src/."""
    project = ["--no-build-isolation", "--no-deps", "-e", root]
    run([_uv(root), "pip", "install", "-q", "--python", root / ".venv/bin/python", *project], "the lake command")
