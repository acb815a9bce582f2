"""What is shipped: the same bytes every time, only what belongs there, and wheels that the runtime can load."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakectl import package, wheels

ROOT = Path(__file__).parents[3]
GLIBC = (2, 34)
"""Of Amazon Linux 2023, on which both Lambda's Python 3.12 and Glue 5.1 run."""
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
LAMBDA_UNZIPPED = 100 * 1024**2


def _names(artifact: package.Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as archive:
        return archive.namelist()


@pytest.mark.slow
def test_functions_ship_without_engines() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["functions"])
    assert "lake/handlers/route.py" in names
    assert not [name for name in names if name.startswith(("lake/light", "lake/heavy", "duckdb"))]


@pytest.mark.slow
def test_stage_a_ships_duckdb_and_the_light_engine() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["stage-a"])
    assert "lake/light/convert.py" in names
    assert "duckdb/__init__.py" in names
    assert not [name for name in names if name.startswith("lake/heavy")]


@pytest.mark.slow
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
def test_the_larger_machine_ships_the_light_engine_and_no_spark() -> None:
    names = _names(package.artifacts(ROOT, package.LAPTOP)["light"])
    assert {"lake/handlers/stage_a_large.py", "lake/flows/staging.py", "lake/light/convert.py"} <= set(names)
    assert not [name for name in names if name.startswith("lake/heavy")]


@pytest.mark.slow
def test_a_zip_of_wheels_is_installed_by_pip_without_an_index(tmp_path: Path) -> None:
    """As Glue does it; what another installer left in the folder does not come along."""
    installed, info = tmp_path / "installed", tmp_path / "installed/wide_open-1.2.dist-info"
    (installed / "wide_open").mkdir(parents=True)
    info.mkdir()
    written = {
        "wide_open/__init__.py": "DOOR = 'open'\n",
        "wide_open-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: wide-open\nVersion: 1.2\n",
        "wide_open-1.2.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
        "wide_open-1.2.dist-info/INSTALLER": "another",
    }
    for name, text in written.items():
        (installed / name).write_text(text)
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in [*written, "wide_open-1.2.dist-info/RECORD"]))
    archive = tmp_path / "some.gluewheels.zip"
    archive.write_bytes(wheels.archive(installed))
    assert archive.read_bytes() == wheels.archive(installed)
    with zipfile.ZipFile(archive) as opened:
        assert opened.namelist() == ["wheels/requirements.txt", "wheels/wide_open-1.2-py2.py3-none-any.whl"]
        opened.extractall(tmp_path)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--find-links", str(tmp_path / "wheels")]
    pip += ["-r", str(tmp_path / "wheels/requirements.txt"), "--target", str(tmp_path / "target")]
    subprocess.run(pip, check=True)
    assert (tmp_path / "target/wide_open/__init__.py").read_text() == "DOOR = 'open'\n"
    assert (tmp_path / "target/wide_open-1.2.dist-info/INSTALLER").read_text().strip() == "pip"


def glibc_of(system: str) -> tuple[int, int]:
    """The oldest glibc of a wheel's platform tag: https://peps.python.org/pep-0600/ for today's and the older names."""
    name = system.partition("_")[0]
    if name in LEGACY:
        return LEGACY[name]
    found = re.match(r"manylinux_(\d+)_(\d+)_", system)
    assert found, system
    return int(found[1]), int(found[2])


def test_packages_of_a_laptop_are_named_and_not_shipped() -> None:
    shipped = package.artifacts(ROOT, package.LAPTOP, {"emr-serverless"})["packages"]
    assert _names(shipped) == ["emr.txt"]
    assert "packages" not in package.artifacts(ROOT, package.LAPTOP)


def test_emr_serverless_gets_the_packages_that_glue_has() -> None:
    spark, emr = (
        dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE))
        for name in ("spark", "emr")
    )
    assert emr.items() <= spark.items()
    assert set(spark) - set(emr) <= {"pyspark", "py4j", "setuptools"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "python", "machine"), [(package.LAMBDA, "cp312", "aarch64"), (package.GLUE, "cp311", "x86_64")]
)
def test_every_wheel_fits_the_glibc_python_and_processor_that_it_meets(
    platform: package.Platform, python: str, machine: str
) -> None:
    folder = package.wheels(ROOT, platform)
    tags = [
        line.removeprefix("Tag: ")
        for wheel in folder.glob("*.dist-info/WHEEL")
        for line in wheel.read_text().splitlines()
        if line.startswith("Tag: ")
    ]
    assert tags
    for tag in tags:
        interpreter, abi, system = tag.split("-")
        assert interpreter in (python, "py3") or abi == "abi3", tag
        assert system == "any" or system.endswith(f"_{machine}"), tag
        assert system == "any" or glibc_of(system) <= GLIBC, tag
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < LAMBDA_UNZIPPED
