"""One build: its phases in order, as the project's role, every line to CloudWatch Logs.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html#view-build-details-phases
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.cicd import build_files, build_report, buildspec, git
from lakelocal.inside.cicd.build_environment import PhaseFailed, Places, environment
from lakelocal.inside.cicd.build_shell import BuildShell
from lakelocal.inside.cicd.buildspec import Artifacts, Buildspec, Phase, WrongBuildspec
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.records import Document
from lakelocal.inside.credentials import Credentials, UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.glue_credentials import CredentialServer
from lakelocal.inside.log_sink import LogSink

MINUTE, FLUSH_SECONDS = 60.0, 2.0
PRINCIPAL = "codebuild.amazonaws.com"


class Build:
    """Runs what `record` says; `changed` is called whenever the record has changed."""

    def __init__(
        self,
        host: Host,
        server: CredentialServer,
        repositories: CodeCommit,
        record: Document,
        project: Document,
        changed: Callable[[], None],
    ) -> None:
        self._host, self._server, self._record, self._project = host, server, record, project
        self._repositories = repositories
        self._changed = changed
        self._shell: BuildShell | None = None
        self._ended_by = ""
        self._log: LogSink | None = None
        self.reports: list[Document] = []

    def end(self, status: str) -> None:
        """Stop it as STOPPED or TIMED_OUT."""
        self._ended_by = self._ended_by or status
        if self._shell is not None:
            self._shell.close()

    def run(self) -> str:
        """The status that it ended with; the record holds its phases."""
        work = Path(tempfile.mkdtemp(prefix="codebuild-", dir=self._host.state_folder / "tmp"))
        variables: dict[str, str] = {}
        limit = MINUTE * float(self._record["timeoutInMinutes"])
        timer = threading.Timer(limit, self.end, ("TIMED_OUT",))
        timer.daemon = True
        timer.start()
        done = threading.Event()
        threading.Thread(target=self._flush_until, args=(done,), daemon=True).start()
        try:
            good = self._all(work, variables)
        finally:
            timer.cancel()
            done.set()
            if self._shell is not None:
                self._shell.close()
            self._server.forget(variables)
            if self._log is not None:
                self._log.flush()
            shutil.rmtree(work, ignore_errors=True)
        return self._ended_by or ("SUCCEEDED" if good else "FAILED")

    def _flush_until(self, done: threading.Event) -> None:
        """Whoever watches a build reads its lines while it runs."""
        while not done.wait(FLUSH_SECONDS):
            if self._log is not None:
                self._log.flush()

    def _all(self, work: Path, variables: dict[str, str]) -> bool:
        source, spec = work / "src", Buildspec()
        with self._phase("PROVISIONING") as provisioned:
            credentials = self._provision()
        if not provisioned:
            return False
        with self._phase("DOWNLOAD_SOURCE") as downloaded:
            source.mkdir()
            self._download(credentials, source)
            spec = self._spec(source)
            places = Places(work, source)
            variables.update(self._server.environment(self._project["serviceRole"], self._session, PRINCIPAL))
            variables.update(environment(self._host, self._host.client("ssm", credentials), self._record, spec, places))
            self._shell = BuildShell(spec.shell, source, work, variables)
            if self._ended_by:  # while nothing could be ended yet
                self._shell.close()
        if not downloaded:
            return False
        good = True
        for name in buildspec.PHASES:
            # post_build runs after a build that failed, and not after an install or pre_build that did
            if not good and name in ("pre_build", "build"):
                continue
            if not good and name == "post_build" and self._phase_status("BUILD") is None:
                continue
            good = self._commands(name, spec.phases.get(name, Phase()), good) and good
        with self._phase("UPLOAD_ARTIFACTS") as uploaded:
            self._record["exportedEnvironmentVariables"] = [
                {"name": name, "value": self._shell.value(name)} for name in spec.exported if self._shell
            ]
            self._report(credentials, spec, source)
            if good:
                self._upload(credentials, spec, source)
        return good and bool(uploaded)

    def _provision(self) -> Credentials:
        role, log = self._project["serviceRole"], self._record["logs"]
        try:
            credentials = self._host.role_credentials(role, self._session, PRINCIPAL)
        except UnknownRole as error:
            raise PhaseFailed(
                "ACCESS_DENIED", f"CodeBuild is not authorized to perform sts:AssumeRole: {error}"
            ) from None
        stream = f"arn:aws:logs:{self._host.region}:{self._host.account}:log-group:{log['groupName']}:log-stream:"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            self._demand(credentials, action, stream + log["streamName"])
        self._log = LogSink(self._host, log["groupName"], log["streamName"])
        return credentials

    @property
    def _session(self) -> str:
        return f"AWSCodeBuild-{self._record['id'].partition(':')[2]}"

    def _demand(self, credentials: Credentials, action: str, resource: str) -> None:
        denied = self._host.denial(credentials, action, resource)
        if denied:
            raise PhaseFailed("ACCESS_DENIED", denied)

    def _download(self, credentials: Credentials, folder: Path) -> None:
        source = self._record["source"]
        if source["type"] == "NO_SOURCE":
            return
        if source["type"] == "CODECOMMIT":
            self._record["resolvedSourceVersion"] = self._clone(credentials, source["location"], folder)
            return
        for identifier, place in self._record["inputs"].items():
            bucket, _, key = place.partition("/")
            content = self._host.client("s3", credentials).get_object(Bucket=bucket, Key=key)["Body"].read()
            target = folder if identifier == "" else folder.parent / f"src-{identifier}"
            build_files.unpack(content, target)

    def _clone(self, credentials: Credentials, url: str, folder: Path) -> str:
        """The repository that a URL names, at the build's version; the commit."""
        name = url.rpartition("/")[2]
        self._demand(credentials, "codecommit:GitPull", self._repositories.arn(name))
        try:
            self._repositories.record(name)
            return git.check_out(self._repositories.path(name), self._record["sourceVersion"], folder)
        except Refused as refused:
            raise PhaseFailed("CLIENT_ERROR", f"{refused.message} for primary source") from refused

    def _spec(self, source: Path) -> Buildspec:
        text = self._record["source"].get("buildspec") or "buildspec.yml"
        try:
            if "\n" not in text:
                text = (source / text).read_text()
            return buildspec.read(text)
        except FileNotFoundError:
            raise PhaseFailed("YAML_FILE_ERROR", f"stat {text}: no such file or directory") from None
        except WrongBuildspec as wrong:
            raise PhaseFailed("YAML_FILE_ERROR", str(wrong)) from None

    def _commands(self, name: str, phase: Phase, good: bool) -> bool:
        """Run a phase's commands, and its `finally` whatever becomes of them; whether the build may go on."""
        assert self._shell is not None
        with self._phase(name.upper()) as passed:
            self._shell.run(f"export CODEBUILD_BUILD_SUCCEEDING={int(good)}", self._write)
            try:
                self._each(phase.commands)
            finally:
                self._each(phase.at_last)
        return bool(passed) or phase.goes_on

    def _each(self, commands: tuple[str, ...]) -> None:
        assert self._shell is not None
        for command in commands:
            self._write(f"[Container] Running command {command}")
            code = self._shell.run(command, self._write)
            if self._ended_by:
                raise PhaseFailed(self._ended_by, f"The build was ended: {self._ended_by}")
            if code:
                text = f"Error while executing command: {command}. Reason: exit status {code}"
                raise PhaseFailed("COMMAND_EXECUTION_ERROR", text)

    def _report(self, credentials: Credentials, spec: Buildspec, source: Path) -> None:
        for name, wanted in spec.reports.items():
            project = self._record["projectName"]
            group = f"arn:aws:codebuild:{self._host.region}:{self._host.account}:report-group/{project}-{name}"
            for action in build_report.ACTIONS:
                self._demand(credentials, f"codebuild:{action}", group)
            self.reports.append(build_report.report_of(wanted, source, group, self._record["arn"]))
        self._record["reportArns"] = [report["arn"] for report in self.reports]

    def _upload(self, credentials: Credentials, spec: Buildspec, source: Path) -> None:
        for identifier, place in self._record["outputs"].items():
            wanted: Artifacts = spec.secondary.get(identifier, spec.artifacts)
            names = build_files.chosen(source, wanted)
            if not names:
                raise PhaseFailed("CLIENT_ERROR", f"no matching artifact paths found: {', '.join(wanted.files)}")
            bucket, _, key = place.partition("/")
            content = build_files.pack(source / wanted.base, names, wanted.flat)
            self._host.client("s3", credentials).put_object(Bucket=bucket, Key=key, Body=content)
            self._write(f"[Container] Uploaded {len(names)} files, {len(content):,} bytes")

    def _phase_status(self, name: str) -> str | None:
        return next((one.get("phaseStatus") for one in self._record["phases"] if one["phaseType"] == name), None)

    @contextmanager
    def _phase(self, name: str) -> Iterator[list[bool]]:
        """Note a phase's times and end; what it yields is true afterwards if it passed."""
        passed: list[bool] = []
        phase: Document = {"phaseType": name, "startTime": time.time()}
        self._record["phases"].append(phase)
        self._record["currentPhase"] = name
        self._changed()
        failure: tuple[str, str] | None = None
        try:
            yield passed
            passed.append(True)
        except PhaseFailed as failed:
            failure = failed.code, failed.message
        except ClientError as error:
            failure = "CLIENT_ERROR", str(error)
        ended = time.time()
        status = "SUCCEEDED" if failure is None else self._ended_by or "FAILED"
        phase |= {"endTime": ended, "durationInSeconds": int(ended - phase["startTime"]), "phaseStatus": status}
        if failure is not None:
            phase["contexts"] = [{"statusCode": failure[0], "message": failure[1]}]
            self._write(f"[Container] Phase {name} failed: {failure[0]}: {failure[1]}")
        self._changed()

    def _write(self, line: str) -> None:
        if self._log is not None:
            self._log.write(line)


def minutes(value: Any) -> int:
    """A timeout in CodeBuild's own bounds."""
    return min(2160, max(5, int(value)))
