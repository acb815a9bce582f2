"""Reads the user's files of a project into models, and says all that is wrong with them at once.

The models of datasets, teams and pipelines are built where they are read: most verbs need lake.yaml alone, and to build
a dataset's model takes longer than to run them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import ValidationError

from lake.core.errors import SpecError
from lakectl.specs.document import Document, read_document
from lakectl.specs.explain import findings_in, shown
from lakectl.specs.finding import BrokenSpecs, Finding, Findings
from lakectl.specs.lake import LakeSpec
from lakectl.specs.model import Spec
from lakectl.specs.name import nearest

if TYPE_CHECKING:
    from lakectl.specs.dataset import DatasetSpec
    from lakectl.specs.pipeline import PipelineSpec
    from lakectl.specs.team import TeamSpec

Model = TypeVar("Model", bound=Spec)


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A model with the file that it came from."""

    spec: Model
    document: Document
    folder: Path

    @property
    def path(self) -> str:
        return self.document.path


@dataclass(frozen=True)
class Lake:
    """Everything that a project declares. Teams and pipelines by name, datasets by `<team>.<dataset>`.

    `lake` is None only where lake.yaml is broken, so never in what `load_lake` gives.
    """

    root: Path
    lake: Loaded[LakeSpec] | None
    teams: dict[str, Loaded[TeamSpec]]
    pipelines: dict[str, Loaded[PipelineSpec]]
    datasets: dict[str, Loaded[DatasetSpec]]
    unread: frozenset[str] = frozenset()
    """Names of teams, pipelines and datasets whose files could not be read: what refers to them is not at fault."""

    @property
    def spec(self) -> LakeSpec:
        assert self.lake is not None, "load_lake raises before"
        return self.lake.spec

    @property
    def apart(self) -> dict[str, str]:
        """The teams that have a repository of their own, and which."""
        return {name: one.spec.repository for name, one in self.teams.items() if one.spec.repository}

    def pipeline_of(self, team: str) -> PipelineSpec:
        """The one pipeline that a team's datasets use; the standard one for a team without datasets."""
        used = (one.spec.pipeline for one in self.datasets.values() if one.spec.team == team)
        return self.pipelines[next(used, "standard")].spec


@dataclass
class Reading:
    """Collects what is found while files are read."""

    root: Path
    findings: list[Finding] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def read(self, file: Path, model: type[Model], name: str = "") -> Loaded[Model] | None:
        """One file as a model; None after its mistakes have been noted."""
        loaded = self._read(file, model)
        if loaded is None:
            self.unread.add(name)
        return loaded

    def _read(self, file: Path, model: type[Model]) -> Loaded[Model] | None:
        path = file.relative_to(self.root).as_posix()
        try:
            document = read_document(path, file.read_text(encoding="utf-8"))
        except BrokenSpecs as broken:
            self.findings += broken.findings
            return None
        except UnicodeDecodeError as error:
            self.findings.append(Finding(path, 1, 1, "", f"byte {error.start} is not UTF-8.", "Save it as UTF-8."))
            return None
        except OSError as error:
            self.findings.append(Finding(path, 1, 1, "", f"cannot be read: {error.strerror}.", "Create it."))
            return None
        if not isinstance(document.data, dict):
            self.findings.append(document.finding((), f"the file holds {shown(document.data)}, not a mapping."))
            return None
        try:
            return Loaded(model.model_validate(document.data), document, file.parent)
        except ValidationError as error:
            self.findings += findings_in(document, model, error)
            return None


def load_settings(root: Path) -> LakeSpec:
    """lake.yaml alone; raises BrokenSpecs."""
    reading = Reading(root)
    loaded = reading.read(root / "lake.yaml", LakeSpec)
    if loaded is None:
        raise BrokenSpecs(Findings.of(reading.findings))
    return loaded.spec


def load_lake(root: Path) -> Lake:
    """All files of a project; raises BrokenSpecs with every finding of every file."""
    lake, findings = read_lake(root)
    if findings.errors:
        raise BrokenSpecs(findings)
    return lake


def read_lake(root: Path) -> tuple[Lake, Findings]:
    """What could be read, and what is wrong with the rest."""
    from lakectl.specs.pipeline import PipelineSpec
    from lakectl.specs.team import TeamSpec

    reading = Reading(root)
    lake = reading.read(root / "lake.yaml", LakeSpec)
    teams = _by_name(reading, (root / "team").glob("*.yaml"), TeamSpec, "team")
    pipelines = _by_name(reading, (root / "pipelines").glob("*.yaml"), PipelineSpec, "pipeline")
    datasets = dict(_datasets(reading))
    found = Lake(root, lake, teams, pipelines, datasets, frozenset(reading.unread))
    return found, Findings.of(reading.findings)


def _by_name(reading: Reading, files: Iterator[Path], model: type[Model], key: str) -> dict[str, Loaded[Model]]:
    """Files that declare one thing each, named like their file; CloudFormation templates beside them are not ours."""
    found = {}
    for file in sorted(files):
        if _is_template(file):
            continue
        loaded = reading.read(file, model, file.stem)
        if loaded is None:
            continue
        name = getattr(loaded.spec, key)
        if name != file.stem:
            reading.findings.append(_misnamed(loaded.document, key, name, file.stem))
            reading.unread.add(file.stem)
        found[name] = loaded
    return found


def _is_template(file: Path) -> bool:
    """A room's template lies beside what users write, and is told by the key that every template has."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        return any(line.startswith(("AWSTemplateFormatVersion", "Resources:")) for line in lines)


def _misnamed(document: Document, key: str, name: str, expected: str) -> Finding:
    return document.finding((key,), f"{name!r} lies under the name {expected!r}.", "Make both the same.")


def _datasets(reading: Reading) -> Iterator[tuple[str, Loaded[DatasetSpec]]]:
    from lakectl.specs.dataset import DatasetSpec

    for file in sorted((reading.root / "datasets").glob("*/*/dataset.yaml")):
        loaded = reading.read(file, DatasetSpec, f"{file.parts[-3]}.{file.parts[-2]}")
        if loaded is None:
            continue
        spec = loaded.spec
        for key, name, folder in (("team", spec.team, file.parts[-3]), ("dataset", spec.dataset, file.parts[-2])):
            if name != folder:
                reading.findings.append(_misnamed(loaded.document, key, name, folder))
                reading.unread |= {f"{file.parts[-3]}.{file.parts[-2]}", name}
        yield f"{spec.team}.{spec.dataset}", loaded


class UnknownDataset(SpecError):
    """No file declares the dataset that was asked for."""


def team_names(root: Path) -> list[str]:
    """Names of the teams, from their files' names."""
    return sorted(file.stem for file in (root / "team").glob("*.yaml") if not _is_template(file))


def dataset_names(root: Path) -> list[str]:
    """`<team>.<dataset>` of every dataset, from their folders' names."""
    files = (root / "datasets").glob("*/*/dataset.yaml")
    return sorted(f"{file.parts[-3]}.{file.parts[-2]}" for file in files)


def view_names(root: Path) -> list[str]:
    """`<team>.<view>` of every saved view, from their files' names."""
    return sorted(f"{file.parts[-4]}.{file.stem}" for file in (root / "datasets").glob("*/*/views/*.sql"))


def split_name(root: Path, name: str) -> tuple[str, str]:
    """Team and dataset of `<team>.<dataset>` (or `<team>/<dataset>`); raises UnknownDataset."""
    known = dataset_names(root)
    dotted = name.strip("/").replace("/", ".")
    if dotted not in known:
        hint = nearest(dotted, known) if known else "Add datasets/<team>/<dataset>/dataset.yaml."
        raise UnknownDataset(f"{name!r} is not a dataset. {hint}")
    team, _, dataset = dotted.partition(".")
    return team, dataset


def load_dataset(root: Path, name: str) -> DatasetSpec:
    """One dataset's file alone; raises UnknownDataset or BrokenSpecs."""
    from lakectl.specs.dataset import DatasetSpec

    team, dataset = split_name(root, name)
    reading = Reading(root)
    loaded = reading.read(root / "datasets" / team / dataset / "dataset.yaml", DatasetSpec)
    if loaded is None:
        raise BrokenSpecs(Findings.of(reading.findings))
    return loaded.spec


def prefix_of(root: Path, name: str) -> str:
    """Where files for a dataset are dropped; raises UnknownDataset, also for a dataset that takes no files."""
    from lakectl.specs.dataset import prefix_of_source

    prefix = prefix_of_source(load_dataset(root, name))
    if not prefix:
        raise UnknownDataset(f"{name!r} takes no files: it is made of other tables. Drop files for its inputs.")
    return prefix
