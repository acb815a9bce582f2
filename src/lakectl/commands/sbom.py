"""`lake sbom`: what is shipped, for whoever keeps a list of everything that runs."""

from __future__ import annotations

from lakectl.root import find_root
from lakectl.sbom import document


def command() -> None:
    """Print a bill of materials of what is shipped to functions and jobs, in CycloneDX's JSON."""
    print(document(find_root()), end="")  # noqa: T201
