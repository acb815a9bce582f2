"""Wrong uses of `lake sbom`."""

from __future__ import annotations

from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "it takes nothing, and asks nobody"
USES = (
    outside("sbom"),
    use("sbom sea", 2, "unexpected extra argument(s) (sea)", "lake sbom --help"),
    use("sbom --json", 2, "No such option: --json", "lake sbom --help"),
    use("sbom --output sbom.cdx.json", 2, "No such option: --output", "lake sbom --help"),
    use("sbom", 1, "pyproject.toml cannot be used: No such file or directory.", "ls -ld"),
)
