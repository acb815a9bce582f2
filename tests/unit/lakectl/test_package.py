"""What is shipped: the same bytes every time, only what belongs there, and wheels that the runtime can load."""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakectl import package

ROOT = Path(__file__).parents[3]
LAMBDA_GLIBC = (2, 34)
LAMBDA_UNZIPPED = 100 * 1024**2


def _names(artifact: package.Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as archive:
        return archive.namelist()


def test_functions_ship_without_engines() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["functions"])
    assert "lake/handlers/route.py" in names
    assert not [name for name in names if name.startswith(("lake/light", "lake/heavy", "duckdb"))]


def test_stage_a_ships_duckdb_and_the_light_engine() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["stage-a"])
    assert "lake/light/convert.py" in names
    assert "duckdb/__init__.py" in names
    assert not [name for name in names if name.startswith("lake/heavy")]


def test_the_job_ships_no_function() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["lake"])
    assert "lake/heavy/run.py" in names
    assert not [name for name in names if name.startswith(("lake/handlers", "lake/light", "lake/flows"))]


def test_a_package_that_many_build_at_once_is_built_whole(tmp_path: Path) -> None:
    source = tmp_path / "src/lake/core/value.py"
    source.parent.mkdir(parents=True)
    source.write_text("ANSWER = 42\n" * 100_000)
    files = package._package(tmp_path, "lake", leave_out=())
    with ThreadPoolExecutor(8) as builders:
        built = list(builders.map(lambda _: package._zip(tmp_path, "lake", files), range(8)))
    assert len({one.path for one in built}) == 1
    assert _names(built[0]) == ["lake/core/value.py"]
    assert list(built[0].path.parent.iterdir()) == [built[0].path]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    built = []
    for name in ("one", "two"):
        root = tmp_path / name
        (root / "src/lake/core").mkdir(parents=True)
        (root / "src/lake/core/value.py").write_text("ANSWER = 42\n")
        files = package._package(root, "lake", leave_out=())
        built.append(package._zip(root, "lake", files))
    assert built[0].key == built[1].key
    assert built[0].path.read_bytes() == built[1].path.read_bytes()


@pytest.mark.slow
def test_every_wheel_for_lambda_fits_its_glibc_python_and_processor() -> None:
    folder = package.wheels(ROOT, package.LAMBDA)
    tags = [
        line.removeprefix("Tag: ")
        for wheel in folder.glob("*.dist-info/WHEEL")
        for line in wheel.read_text().splitlines()
        if line.startswith("Tag: ")
    ]
    assert tags
    for tag in tags:
        python, abi, platform = tag.split("-")
        assert python in ("cp312", "py3") or abi == "abi3", tag
        assert platform == "any" or platform.endswith("_aarch64"), tag
        found = re.match(r"manylinux_(\d+)_(\d+)_", platform)
        assert platform == "any" or (found and (int(found[1]), int(found[2])) <= LAMBDA_GLIBC), tag
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < LAMBDA_UNZIPPED
