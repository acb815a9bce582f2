"""The credential helper signs as AWS's own does."""

from __future__ import annotations

from datetime import UTC, datetime

from botocore.credentials import ReadOnlyCredentials

from lakectl.git_credential import AWS_HOST, pair_for

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ASKED = {"protocol": "https", "host": "git-codecommit.eu-west-1.amazonaws.com", "path": "v1/repos/lake"}
KEYS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", None)


def test_a_pair_is_the_key_and_a_signature_of_that_second() -> None:
    pair = pair_for(ASKED, KEYS, "eu-west-1", NOW)
    assert pair.user == "AKIDEXAMPLE"
    assert pair.password.startswith("20260102T030405Z")
    assert len(pair.password) == len("20260102T030405Z") + 64


def test_another_repository_region_or_secret_signs_otherwise() -> None:
    signed = pair_for(ASKED, KEYS, "eu-west-1", NOW).password
    assert pair_for({**ASKED, "path": "v1/repos/other"}, KEYS, "eu-west-1", NOW).password != signed
    assert pair_for(ASKED, KEYS, "us-east-1", NOW).password != signed
    assert pair_for(ASKED, ReadOnlyCredentials("AKIDEXAMPLE", "other", None), "eu-west-1", NOW).password != signed


def test_the_token_of_a_session_goes_with_its_key() -> None:
    session = ReadOnlyCredentials("ASIAEXAMPLE", "secret", "token")
    assert pair_for(ASKED, session, "eu-west-1", NOW).user == "ASIAEXAMPLE%token"


def test_the_region_is_in_the_name_of_an_aws_host_alone() -> None:
    found = AWS_HOST.fullmatch(ASKED["host"])
    assert found and found["region"] == "eu-west-1"
    assert AWS_HOST.fullmatch("127.0.0.1:4566") is None
