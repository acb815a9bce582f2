"""`python -m lakelocal.inside --root … --state … --port … --account … --region …`: prepare the environment, then host.

MiniStack reads its settings when it is imported, so they are set here, before anything of it is.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "SSL_CERT_FILE", "LAKE_DECISIONS")


def main() -> None:
    parser = argparse.ArgumentParser(prog="lakelocal.inside")
    parser.add_argument("--root", type=Path, required=True, help="the clone")
    parser.add_argument("--state", type=Path, required=True, help="where the state lives")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account", required=True, help="the account that it is")
    parser.add_argument("--region", required=True, help="the region that it stands in")
    parser.add_argument("--cold", action="store_true", help="no warm engines")
    parser.add_argument("--workers", type=int, default=1, help="Spark workers of an engine; 1: inside its driver")
    asked = parser.parse_args()
    state = asked.state.resolve()
    _settle_environment(state, asked.port, asked.account, asked.region)

    from lakelocal.inside.door import Host
    from lakelocal.inside.host import serve

    serve(
        Host(
            root=asked.root.resolve(),
            state_folder=state,
            endpoint=f"http://127.0.0.1:{asked.port}",
            port=asked.port,
            account=asked.account,
            region=asked.region,
            cold=asked.cold,
            workers=asked.workers,
        )
    )


def _settle_environment(state: Path, port: int, account: str, region: str) -> None:
    """Only what we mean to say: every function that MiniStack starts would otherwise see the rest."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    temporary = state / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        {
            "TMPDIR": str(temporary),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": account,
            "MINISTACK_REGION": region,
            "MINISTACK_AUTOCREATE_AWS_MANAGED": "0",
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state / "objects"),
            "SFTP_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_STRICT": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": "16",
            "LAMBDA_WARM_TTL_SECONDS": "120",
            "LOG_LEVEL": "WARNING",
        }
    )


if __name__ == "__main__":
    main()
