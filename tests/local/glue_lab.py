"""A small laboratory for Glue jobs: a bucket of job files, rows in Parquet, and roles that may use them."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lakelocal import cloud
from local.arrange import make_bucket
from local.conftest import ROOT, client_of

BUCKET = "glue-lab"
JARS = ("deequ-2.1.0-spark-3.5.jar", "dqdl-1.0.0.jar")
CATALOG = "spark.sql.catalog.glue_catalog"
CONF = " --conf ".join(
    (
        "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        f"{CATALOG}=org.apache.iceberg.spark.SparkCatalog",
        f"{CATALOG}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
        f"{CATALOG}.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
        f"{CATALOG}.warehouse=s3://{BUCKET}/tables/",
        "spark.sql.shuffle.partitions=2",
    )
)
LOG_GROUP = "/lab/heavy"
ARGUMENTS = {
    "--extra-jars": ",".join(f"s3://{BUCKET}/jobs/{jar}" for jar in JARS),
    "--extra-py-files": f"s3://{BUCKET}/jobs/shipped.zip,s3://{BUCKET}/jobs/pydeequ.zip",
    "--datalake-formats": "iceberg",
    "--conf": CONF,
    "--custom-logGroup-prefix": LOG_GROUP,
}
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")


@dataclass
class Lab:
    """A local cloud with a bucket of job files and a role that may use them."""

    running: cloud.Running
    role: str = ""

    def client(self, service: str) -> Any:
        return client_of(self.running, service)

    def job(self, name: str, script: str, role: str | None = None, **more: Any) -> str:
        """Create a job whose script has this text."""
        self.client("s3").put_object(Bucket=BUCKET, Key=f"jobs/{name}.py", Body=script.encode())
        defined = {
            "Name": name,
            "Role": role or self.role,
            "Command": {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/jobs/{name}.py"},
            "GlueVersion": "5.1",
            "DefaultArguments": ARGUMENTS,
        }
        self.client("glue").create_job(**(defined | more))
        return name

    def start(self, job: str, **arguments: str) -> str:
        named = {f"--{name}": value for name, value in arguments.items()}
        return str(self.client("glue").start_job_run(JobName=job, Arguments=named)["JobRunId"])

    def state(self, job: str, run: str) -> str:
        return str(self.client("glue").get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"])

    def wait(self, job: str, run: str, states: tuple[str, ...] = ENDED) -> dict[str, Any]:
        glue, deadline = self.client("glue"), time.monotonic() + 600
        while time.monotonic() < deadline:
            shown: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run)["JobRun"]
            if shown["JobRunState"] in states:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{job} is still {shown['JobRunState']}")

    def run(self, job: str, **arguments: str) -> dict[str, Any]:
        return self.wait(job, self.start(job, **arguments))

    def log(self, kind: str, run: str) -> str:
        logs = self.client("logs")
        events = logs.get_log_events(logGroupName=f"{LOG_GROUP}/{kind}", logStreamName=run)["events"]
        return "\n".join(event["message"] for event in events)

    def object(self, key: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        return facts


def furnish(lab: Lab, folder: Path) -> None:
    s3 = lab.client("s3")
    make_bucket(s3, BUCKET)
    for jar in JARS:
        s3.put_object(Bucket=BUCKET, Key=f"jobs/{jar}", Body=(ROOT / ".lake" / "jars" / jar).read_bytes())
    pydeequ = {
        str(file.relative_to(ROOT / ".lake" / "glue")): file.read_text()
        for file in (ROOT / ".lake" / "glue" / "pydeequ").rglob("*.py")
    }
    shipped = {"shipped/__init__.py": "", "shipped/words.py": "def shout(word):\n    return word.upper()\n"}
    for name, files in (("pydeequ", pydeequ), ("shipped", shipped)):
        s3.put_object(Bucket=BUCKET, Key=f"jobs/{name}.zip", Body=_zip(files))
    rows = folder / "rows.parquet"
    carrier = "CASE WHEN i % 10 = 0 THEN NULL ELSE 'UA' END"
    duckdb.sql(f"COPY (SELECT i AS id, {carrier} AS carrier FROM range(1000) t(i)) TO '{rows}' (FORMAT parquet)")
    s3.put_object(Bucket=BUCKET, Key="staged/rows.parquet", Body=rows.read_bytes())
    lab.client("glue").create_database(DatabaseInput={"Name": "lab"})
    lab.role = role_of(lab, "lab-job", f"arn:aws:s3:::{BUCKET}/*")


def _zip(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def role_of(lab: Lab, name: str, objects: str, logs: str = "*") -> str:
    iam = lab.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    glue = ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"]
    statements = [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": objects},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"},
        {"Effect": "Allow", "Action": glue, "Resource": "*"},
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs},
    ]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps({"Statement": statements}))
    return str(role["Role"]["Arn"])
