"""`make scan` sees what checkov sees, what stands behind a condition, and exceptions that nothing needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # needs an environment of its own
ROOT = Path(__file__).parents[2]
TEMPLATE = """\
AWSTemplateFormatVersion: '2010-09-09'
Description: A queue, a table and a topic.
Parameters:
  Key: {Type: String, Default: '', Description: A key.}
Conditions:
  HasKey: !Not [!Equals [!Ref Key, '']]
Resources:
  OpenQueue:
    Type: AWS::SQS::Queue
    Properties:
      KmsMasterKeyId: !If [HasKey, !Ref Key, !Ref AWS::NoValue]
  WellTopic:
    Type: AWS::SNS::Topic # checkov:skip=CKV_AWS_26: it is encrypted all the same
    Properties: {KmsMasterKeyId: alias/aws/sns}
  MuteLogs:
    Type: AWS::Logs::LogGroup # checkov:skip=CKV_AWS_158
    Properties: {RetentionInDays: 365}
"""


def scanned(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/scan", root], capture_output=True, text=True, check=False, timeout=900
    )


def test_our_templates_fail_in_nothing() -> None:
    done = scanned(ROOT)
    assert done.returncode == 0, done.stderr
    assert "nothing fails" in done.stdout


def test_a_bad_template_fails_with_each_reason(tmp_path: Path) -> None:
    (tmp_path / "foundations").mkdir()
    (tmp_path / "foundations/bad.yaml").write_text(TEMPLATE)
    done = scanned(tmp_path)
    assert done.returncode == 1, done.stderr
    said = [line.removeprefix("foundations/bad.yaml: ") for line in done.stderr.splitlines()]
    (queue,) = [line for line in said if line.startswith("OpenQueue: CKV_AWS_27 ")]
    assert queue.endswith("why not: # checkov:skip=CKV_AWS_27: <reason>")
    (topic,) = [line for line in said if line.startswith("WellTopic: CKV_AWS_26 ")]
    assert topic.endswith("is skipped, and would pass. Take the comment away.")
    (logs,) = [line for line in said if line.startswith("MuteLogs: CKV_AWS_158 ")]
    assert logs.endswith("is skipped without a reason. Write it after the colon.")
