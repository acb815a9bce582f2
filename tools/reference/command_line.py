"""Every verb of `lake`, as its own --help says it."""

from __future__ import annotations

from collections.abc import Iterator

import typer.main
from table import table

from lakectl.main import app

HEAD = """# The command line

Every listing takes `--json`. Exit codes: 0 done, 1 it failed and says why, 2 wrong usage, 130 interrupted.
`lake plan` ends with 2 where there are changes, and with 1 where it is used wrongly.
"""


def page() -> str:
    return "\n".join([HEAD, *_sections("lake", typer.main.get_command(app))])


def _sections(path: str, command: object) -> Iterator[str]:
    subcommands = getattr(command, "commands", None)
    if subcommands:
        for name, one in subcommands.items():
            yield from _sections(f"{path} {name}", one)
        return
    arguments = [one for one in command.params if one.param_type_name == "argument"]  # type: ignore[attr-defined]
    options = [one for one in command.params if one.param_type_name == "option"]  # type: ignore[attr-defined]
    usage = " ".join([path, *(_usage(one) for one in arguments), "[options]" if options else ""]).strip()
    yield f"## {path}\n"
    yield f"{command.help}\n"  # type: ignore[attr-defined]
    yield f"`{usage}`\n"
    rows = [(f"`{one.name}`", one.help or "") for one in arguments]
    rows += [(", ".join(f"`{name}`" for name in [*one.opts, *one.secondary_opts]), one.help or "") for one in options]
    if rows:
        yield table(("", ""), rows)


def _usage(argument: object) -> str:
    name = str(argument.name).upper() + ("…" if argument.nargs != 1 else "")  # type: ignore[attr-defined]
    return name if argument.required else f"[{name}]"  # type: ignore[attr-defined]
