"""docs/permissions.md says what the templates say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_permissions_is_what_the_templates_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/permissions", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
