"""Who a function is: the local cloud's address, and the keys of the function's own execution role."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlencode

from lakelocal.engine.refusal import Refused
from lakelocal.engine.setting import Setting

LAMBDA = "lambda.amazonaws.com"


def variables(setting: Setting, function: str) -> dict[str, str]:
    """What replaces the keys that SAM passes on; nothing for a function that is not the lake's. Raises Refused."""
    role = _role(Path(setting.functions), function)
    if role is None:
        return {}
    try:
        facts = json.loads(Path(setting.cloud).read_text())
        found = keys(int(facts["port"]), role, function)
    except (OSError, ValueError) as error:
        raise Refused(500, f"{function} acts on the local cloud, which does not answer: lake local up") from error
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{facts['port']}",
        "AWS_REGION": facts["region"],
        "AWS_DEFAULT_REGION": facts["region"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        **found,
    }


def _role(functions: Path, function: str) -> str | None:
    if not functions.exists():
        return None
    found = json.loads(functions.read_text()).get(function)
    return str(found["role"]) if found else None


def keys(port: int, role: str, session: str, service: str = LAMBDA) -> dict[str, str]:
    """The variables with which an AWS client is this role in the local cloud. Raises Refused, OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked = urlencode({"role": role, "session": session, "service": service})
        connection.request("GET", f"/_lake/credentials?{asked}")
        answer = connection.getresponse()
        told: dict[str, str] = json.loads(answer.read())
    finally:
        connection.close()
    if answer.status != 200:
        raise Refused(500, f"{session}: {told.get('message')}. Deploy again, then `lake env`.")
    return told
