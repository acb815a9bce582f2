"""Git over HTTP for the mirrors: what a push to GitHub, GitLab or Bitbucket is on AWS, here is one to this door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.git_door import Answer, Door
from lakelocal.inside.cicd.home import stranger
from lakelocal.inside.cicd.mirrors import Mirrors
from lakelocal.inside.credentials import Credentials
from lakelocal.inside.door import Host


class MirrorDoor(Door):
    """A provider knows no IAM and no role: the keys of the account's root, at the laptop, are the person."""

    prefix = "/v1/mirrors/"

    def __init__(self, inner: Callable[..., Any], host: Host, mirrors: Mirrors) -> None:
        super().__init__(inner, host, mirrors)
        self._mirrors = mirrors

    def refusal(self, who: Credentials, name: str, *, pushes: bool) -> Answer | None:
        if elsewhere := stranger(self._host):
            return 403, [], f"{elsewhere}\n".encode()
        if who.access_key_id != self._host.account:
            return 403, [], b"Behind a connection are people: only the account's root stands for them here.\n"
        try:
            if pushes:
                self._mirrors.make(name)
            there = self._mirrors.there(name)
        except Refused as refused:
            return 403, [], f"{refused.message}\n".encode()
        return None if there else (404, [], b"nobody has pushed to this mirror yet\n")
