"""What a job brings along and how large it asks to be: taken as Glue takes it, refused as Glue refuses it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from lakelocal.inside.glue_arguments import Refused, read_job
from lakelocal.inside.glue_size import wrong_size
from lakelocal.inside.glue_wheels import installed

JOB = {"Name": "heavy", "GlueVersion": "5.1", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/job.py"}}
SIZED = {"WorkerType": "G.1X", "NumberOfWorkers": 2}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


WHEEL = zipped({"door/__init__.py": b"OPEN = True\n", "door-1.0.dist-info/RECORD": b""})


def test_the_wheels_in_a_zip_of_wheels_lie_unpacked_beside_each_other(tmp_path: Path) -> None:
    file = tmp_path / "some.gluewheels.zip"
    file.write_bytes(zipped({"wheels/requirements.txt": b"door==1.0\n", "wheels/door-1.0-py3-none-any.whl": WHEEL}))
    folder = installed(file)
    assert (folder / "door/__init__.py").read_bytes() == b"OPEN = True\n"
    assert installed(file) == folder


def test_a_wheel_alone_is_installed_too(tmp_path: Path) -> None:
    file = tmp_path / "door-1.0-py3-none-any.whl"
    file.write_bytes(WHEEL)
    assert (installed(file) / "door/__init__.py").exists()


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("some.zip", {"door.py": b""}, r"some\.zip is neither a wheel nor a zip of wheels"),
        ("some.gluewheels.zip", {"door-1.0-py3-none-any.whl": WHEEL}, r"holds no wheels/requirements\.txt"),
        ("some.gluewheels.zip", {"wheels/requirements.txt": b""}, r"holds no wheels/requirements\.txt with wheels"),
    ],
)
def test_what_glue_would_not_install_is_refused(tmp_path: Path, name: str, files: dict[str, bytes], said: str) -> None:
    (tmp_path / name).write_bytes(zipped(files))
    with pytest.raises(Refused, match=said):
        installed(tmp_path / name)


def test_pip_may_be_told_to_ask_no_index_and_nothing_else() -> None:
    option = "--python-modules-installer-option"
    assert read_job(JOB | {"DefaultArguments": {option: "--no-index"}}, {}).for_script == ()
    with pytest.raises(Refused, match="--upgrade"):
        read_job(JOB | {"DefaultArguments": {option: "--upgrade"}}, {})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, ""),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 40}, ""),
        ({"WorkerType": "G.3X", "NumberOfWorkers": 2}, "Worker type G.3X is not supported"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 1}, "out of bounds: from 2 to 299"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 300}, "out of bounds: from 2 to 299"),
        ({"NumberOfWorkers": 4}, "set both Worker Type and Number of Workers"),
    ],
)
def test_a_run_of_a_size_that_glue_does_not_start_is_refused(asked: dict[str, object], said: str) -> None:
    found = wrong_size(SIZED, asked)
    assert said in found
    assert bool(found) == bool(said)
