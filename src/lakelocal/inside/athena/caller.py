"""The caller of a request: Athena reads the catalog and the data with the caller's own permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lakelocal.inside.athena.failure import InvalidRequest
from lakelocal.inside.credentials import Credentials
from lakelocal.inside.door import Host


@dataclass(frozen=True)
class Caller:
    """Who asked, and the clients that act as this caller through the HTTP door."""

    host: Host
    credentials: Credentials
    account: str
    region: str

    @property
    def glue(self) -> Any:
        return self.host.client("glue", self.credentials, self.region)

    @property
    def athena(self) -> Any:
        return self.host.client("athena", self.credentials, self.region)

    @property
    def s3(self) -> Any:
        return self.host.client("s3", self.credentials, self.region)

    @cached_property
    def catalog(self) -> Any:
        """The Glue catalog of Iceberg tables."""
        from pyiceberg.catalog.glue import GlueCatalog

        return GlueCatalog("awsdatacatalog", client=self.glue, **self._storage())

    @cached_property
    def files(self) -> Any:
        """pyarrow's filesystem over S3."""
        from pyarrow import fs

        return fs.S3FileSystem(
            access_key=self.credentials.access_key_id,
            secret_key=self.credentials.secret_access_key,
            session_token=self.credentials.session_token,
            endpoint_override=self.host.endpoint,
            region=self.region,
        )

    def _storage(self) -> dict[str, str]:
        given = {
            "s3.endpoint": self.host.endpoint,
            "s3.region": self.region,
            "s3.access-key-id": self.credentials.access_key_id,
            "s3.secret-access-key": self.credentials.secret_access_key,
        }
        token = self.credentials.session_token
        return given | ({"s3.session-token": token} if token else {})


def caller_of(host: Host, headers: Mapping[str, str], query: Mapping[str, Any]) -> Caller:
    """The caller who signed this request, which the door has already verified."""
    from ministack.core import iam_evaluator, responses, router

    key = router.extract_access_key_id(headers, query) or ""
    account, region = responses.get_account_id(), responses.get_region()
    found = iam_evaluator.resolve_credential(key, account)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise InvalidRequest(f"{found.code}: {found.message}")
    credentials = Credentials(
        found.access_key_id or host.admin_credentials().access_key_id,
        found.secret_access_key,
        found.session_token,
        found.expiration,
    )
    return Caller(host, credentials, found.account_id or account, region)
