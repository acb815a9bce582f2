"""One Python environment for each hashed requirement file, so that nothing sees more than it would on AWS."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from part import Part, run


def parts(root: Path) -> Iterator[Part]:
    requirements = root / "requirements"
    uv = root / ".venv" / "bin" / "uv"

    def of(name: str, environment: Path) -> Part:
        listed = requirements / f"{name}.txt"

        def make() -> None:
            if environment != root / ".venv":
                run([uv, "venv", "-q", "--clear", "--python", sys.executable, environment], name)
            python = environment / "bin" / "python"
            run([uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", listed], name)

        return Part(name, [listed], make)

    def files(name: str, folder: Path) -> Part:
        listed = requirements / f"{name}.txt"

        def make() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            only = ["--target", folder, "--no-deps", "--require-hashes", "-r", listed]
            run([uv, "pip", "install", "-q", "--python", root / ".venv/bin/python", *only], name)

        return Part(name, [listed], make)

    yield Part("uv", [requirements / "uv.txt"], lambda: _first(root))
    yield of("dev", root / ".venv")
    yield Part("lake", [root / "pyproject.toml"], lambda: _ourselves(root, uv))
    yield of("cloud", root / ".lake/envs/cloud")
    yield of("spark", root / ".lake/envs/spark")
    yield of("runtime", root / ".lake/envs/runtime")
    yield files("stage-a", root / ".lake/stage-a")
    yield files("glue", root / ".lake/glue")
    yield files("demo", root / ".lake/data")


def _first(root: Path) -> None:
    """The command line's environment, and in it uv, which installs everything else."""
    shutil.rmtree(root / ".venv", ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", root / ".venv"], "a virtual environment")
    except RuntimeError as error:
        raise RuntimeError(f"{error}\nOn Debian and Ubuntu: apt-get install python3-venv") from error
    pip = [root / ".venv/bin/python", "-m", "pip", "install", "-q", "--require-hashes"]
    run([*pip, "-r", root / "requirements/uv.txt"], "uv")


def _ourselves(root: Path, uv: Path) -> None:
    """`.venv/bin/lake`, pointing at src/."""
    project = ["--no-build-isolation", "--no-deps", "-e", root]
    run([uv, "pip", "install", "-q", "--python", root / ".venv/bin/python", *project], "the lake command")
