"""Images: a runtime's name, and the files that SAM adds to it (AWS's runtime emulator, layers)."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lakelocal.engine import dockerfile
from lakelocal.engine.refusal import Refused
from lakelocal.engine.setting import Setting

LAMBDA_PYTHON = re.compile(r"public\.ecr\.aws/lambda/python:(?P<version>3\.\d+)(?:-(?P<machine>x86_64|arm64))?")


@dataclass(frozen=True, slots=True)
class Image:
    """`folder` holds the files that were added; it is named by its content and never changes."""

    name: str
    version: str
    folder: str
    digest: str

    @property
    def id(self) -> str:
        return f"sha256:{self.digest}"

    def described(self) -> dict[str, Any]:
        """As `docker image inspect` shows it."""
        return {
            "Id": self.id,
            "RepoTags": [self.name],
            "RepoDigests": [f"{self.name.rpartition(':')[0]}@{self.id}"],
            "Architecture": "amd64",
            "Os": "linux",
            "Size": 0,
            "Created": "2026-01-01T00:00:00Z",
            "Config": {"Env": [], "Cmd": None, "Entrypoint": None, "WorkingDir": "/var/task", "Labels": None},
        }


class Images:
    """Every image by its name; kept on disk, so that an engine that starts again has them."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._folder = Path(setting.state) / "images"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Image] = {}
        self._lock = threading.Lock()
        for note in self._folder.glob("*.json"):
            image = Image(**json.loads(note.read_text()))
            self._known[image.name] = image

    def named(self, name: str) -> Image:
        """The image of this name or id. Raises Refused."""
        wanted = _full(name)
        found = self._known.get(wanted) or next((one for one in self._known.values() if one.id == name), None)
        if found is None:
            raise Refused(404, f"No such image: {urllib.parse.unquote(name)}")
        return found

    def listed(self, references: list[str]) -> Iterator[Image]:
        """Those of these repositories or names; all without any."""
        for image in list(self._known.values()):
            if not references or image.name in references or image.name.rpartition(":")[0] in references:
                yield image

    def pulled(self, name: str) -> Image:
        """A runtime's base image: there is nothing to fetch, its interpreter is here or it is not. Raises Refused."""
        wanted = _full(name)
        if found := self._known.get(wanted):
            return found
        known = LAMBDA_PYTHON.fullmatch(wanted)
        if known is None:
            raise Refused(404, f"{wanted} cannot run here: this engine runs AWS Lambda's Python images alone.")
        if known["machine"] == "arm64":
            raise Refused(404, f"{wanted} is for arm64, this machine is x86_64. Set Architectures: [x86_64] for SAM.")
        if known["version"] not in self._setting.plays:
            raise Refused(
                404,
                f"python{known['version']} is not here: the packages of this clone are made for Python "
                f"{self._setting.version}. Install Python {known['version']} and run "
                f"`make PYTHON=python{known['version']} setup`, or set the template's parameter: "
                f"--parameter-overrides Runtime=python{self._setting.version}",
            )
        return self._keep(wanted, known["version"], "", hashlib.sha256(wanted.encode()).hexdigest())

    def built(self, name: str, context: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Build an image from a tar with a Dockerfile, telling each step as Docker does."""
        work = self._folder / f"{uuid.uuid4().hex}.part"
        work.mkdir()
        try:
            digest = _unpacked(context, work / "context")
            steps = (work / "context/Dockerfile").read_text().splitlines()
            base = dockerfile.base_of(steps)
            yield {"stream": f"FROM {base}\n"}
            version = self.pulled(base).version
            for step in dockerfile.followed(steps, work / "context", work / "files"):
                yield {"stream": f"{step}\n"}
            folder = self._folder / digest
            with self._lock:
                if not folder.exists():
                    (work / "files").rename(folder)
            self._keep(_full(name), version, str(folder), digest)
            yield {"stream": f"Successfully tagged {name}\n"}
        except (Refused, OSError, tarfile.TarError) as error:
            yield {"error": str(error), "errorDetail": {"message": str(error)}}
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def forgotten(self, name: str) -> str:
        """Forget a name; containers may still look into the files. Raises Refused."""
        image = self.named(name)
        del self._known[image.name]
        self._note(image.name).unlink(missing_ok=True)
        return image.name

    def _keep(self, name: str, version: str, folder: str, digest: str) -> Image:
        image = Image(name, version, folder, digest)
        self._known[name] = image
        self._note(name).write_text(json.dumps(asdict(image)))
        return image

    def _note(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"


def _full(name: str) -> str:
    plain = urllib.parse.unquote(name)
    return plain if ":" in plain.rpartition("/")[2] else f"{plain}:latest"


def _unpacked(context: IO[bytes], folder: Path) -> str:
    """Unpack a tar and name its content; never outside the folder. Raises Refused."""
    content = hashlib.sha256()
    folder.mkdir()
    with tarfile.open(fileobj=context, mode="r|*") as archive:
        for member in archive:
            member.name = member.name.lstrip("/")
            if not member.isreg() and not member.isdir() and not member.issym():
                raise Refused(400, f"The build context's {member.name} is neither file, folder nor link.")
            target = (folder / member.name).resolve()
            if folder.resolve() not in (target, *target.parents):
                raise Refused(400, f"The build context's {member.name} lies outside of it.")
            content.update(f"{member.name}\0{member.mode}\0{member.linkname}\0".encode())
            archive.extract(member, folder, **({"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}))  # type: ignore[arg-type]
            if member.isreg():
                with (folder / member.name).open("rb") as file:
                    content.update(hashlib.file_digest(file, "sha256").digest())
    return content.hexdigest()
