"""The journey of `make demo`, step by step. Safe to interrupt and to repeat: the tables come out the same."""

from __future__ import annotations

import sys
from pathlib import Path

from lakectl.demo.journey import Journey
from lakectl.demo.telling import tell
from lakectl.main import saying_errors
from lakectl.root import find_root


def main() -> int:
    journey = Journey(find_root(Path(__file__).parent))
    journey.travel()
    return tell(journey)


if __name__ == "__main__":
    with saying_errors():
        sys.exit(main())
