"""`lake drop`: put files where a dataset takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from lakectl.failure import Failure
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json
from lakectl.specs.load import prefix_of
from lakectl.target import Target, target_for

PARALLEL = 8


def command(
    files: Annotated[list[Path], typer.Argument(help="Files to drop.", show_default=False)],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="<team>.<dataset> that they belong to.")],
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """Put files into raw, under the dataset's prefix and their own names."""
    root = find_root()
    _check(files)
    target = target_for(root, environment)
    prefix = prefix_of(root, dataset)
    dropped = drop(target, {f"{prefix}{file.name}": file for file in files})
    if as_json:
        show_json(dropped)
    else:
        counted = f"{len(dropped)} {'object' if len(dropped) == 1 else 'objects'}"
        screen.print(f"Dropped {counted} under {prefix}. See what becomes of them:")
        screen.print(f"  lake status\n  lake trace {plain(dropped[0])}", soft_wrap=True)


def _check(files: Sequence[Path]) -> None:
    """Raise Failure for what is no file, and for two files that would become one object."""
    folders = [str(file) for file in files if file.is_dir()]
    if folders:
        raise Failure(f"Files are dropped, and this is a folder: {', '.join(folders)}. Name its files: {folders[0]}/*")
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise Failure(f"No such file: {', '.join(missing)}{_near(Path(missing[0]))}")
    for file in files:
        _check_readable(file)
    names = Counter(file.name for file in files)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise Failure(f"Files of one name would be one object: {', '.join(twice)}. Drop them one after the other.")


def _check_readable(file: Path) -> None:
    """Before anything is dropped: half of what was named would be worse than nothing."""
    try:
        with file.open("rb") as content:
            content.read(1)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}. Nothing was dropped.") from error


def _near(file: Path) -> str:
    """The file that may have been meant, of the same folder."""
    close = get_close_matches(file.name, [one.name for one in file.parent.glob("*") if one.is_file()], n=1)
    return f". Did you mean '{file.parent / close[0]}'?" if close else ""


def drop(target: Target, files: dict[str, Path]) -> list[str]:
    """Put files at their keys of raw; the s3:// address of each."""
    bucket = target.setting("storage", "platform", "raw-bucket")
    client = target.client("s3")

    def put(key: str, file: Path) -> str:
        with file.open("rb") as content:
            client.put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(put, files.keys(), files.values()))
