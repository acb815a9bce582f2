"""Transforms in Python: a module with `transform`, carried as text and run far from its folder."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from lakectl.specs.finding import Finding

LIGHT_ARGUMENTS = ("row",)
HEAVY_ARGUMENTS = ("spark", "inputs")


def problems(path: str, source: str, arguments: tuple[str, ...], folder: Path) -> Iterator[Finding]:
    """What keeps a module from being a transform with these arguments."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, path)
    except SyntaxError as error:
        yield Finding(path, error.lineno or 1, error.offset or 1, "", f"not Python: {error.msg}.")
        return
    except ValueError as error:
        yield Finding(path, 1, 1, "", f"not Python: {error}.")
        return
    yield from _signature(path, tree, arguments)
    yield from _imports(path, tree, arguments, folder)


def _signature(path: str, tree: ast.Module, arguments: tuple[str, ...]) -> Iterator[Finding]:
    wanted = f"def transform({', '.join(arguments)})"
    found = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "transform"
    ]
    if not found:
        yield Finding(path, 1, 1, "", "defines no function 'transform'.", f"Write {wanted}.")
        return
    node = found[-1]
    taken = [*node.args.posonlyargs, *node.args.args]
    if isinstance(node, ast.AsyncFunctionDef) or len(taken) != len(arguments) or node.args.kwonlyargs:
        names = ", ".join(one.arg for one in taken)
        yield Finding(
            path, node.lineno, node.col_offset + 1, "", f"transform({names}) has another shape.", f"Write {wanted}."
        )


def _imports(path: str, tree: ast.Module, arguments: tuple[str, ...], folder: Path) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = ["."]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module).split(".")[0]]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
        else:
            continue
        for name in names:
            problem = _import_problem(name, arguments, folder)
            if problem:
                yield Finding(path, node.lineno, node.col_offset + 1, "", *problem)


def _import_problem(name: str, arguments: tuple[str, ...], folder: Path) -> tuple[str, str] | None:
    if name == "." or (folder / f"{name}.py").exists() or (folder / name).is_dir():
        return "a transform is one file: nothing beside it travels with it.", "Move what it needs into this file."
    if arguments == LIGHT_ARGUMENTS and name not in sys.stdlib_module_names:
        return f"{name!r} is not there where a light transform runs.", "Use Python's standard library, or table.python."
    return None
