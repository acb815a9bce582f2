"""The driver process: waits for orders, keeps one JVM, runs one script at a time in a session of its own.

It is started with the environment that a Glue job sees and nothing else. Its own modules leave `sys.modules`
before the first script runs, so that a script finds only what Glue would have given it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from lakelocal.spark.channel import Channel, Message
from lakelocal.spark.idle import idle_share
from lakelocal.spark.names import remember_names
from lakelocal.spark.rehearsal import rehearse
from lakelocal.spark.script import Script, run_script
from lakelocal.spark.session import Sessions

END_OF_RUN = "\x1e"
NICE = 5  # for as long as the process lives: a user cannot take it back
ROUNDS = 2
LOOK_SECONDS = 0.5


def main(descriptor: int, packages: list[str]) -> None:
    """Serve orders until the other side closes the socket. `packages` are the zips that the scripts import."""
    _hide_ourselves()
    sys.path[0:0] = packages
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    remember_names()
    channel, sessions = Channel(descriptor), Sessions()
    while True:
        order = channel.next()
        if order["do"] == "warm":
            _warm(channel, sessions, str(order["folder"]))
        elif order["do"] == "run":
            _run(channel, sessions, order)


def _warm(channel: Channel, sessions: Sessions, folder: str) -> None:
    """Start the JVM, and rehearse while the machine idles, until there is real work to do."""
    os.nice(NICE)
    began = time.monotonic()
    before = os.environ.copy()
    sessions.base()
    problems = rehearse(sessions, Path(folder), lambda: _wanted(channel), ROUNDS)
    os.environ.clear()
    os.environ.update(before)
    channel.tell("warm", seconds=round(time.monotonic() - began, 2), problems=problems)


def _wanted(channel: Channel) -> bool:
    """Whether an order has come before the machine had nothing else to do."""
    while not channel.waiting():
        if idle_share(LOOK_SECONDS) > 0.5:
            return False
    return True


def _run(channel: Channel, sessions: Sessions, order: Message) -> None:
    fresh = bool(order["fresh"])
    if not fresh:
        sessions.begin()
    path, arguments = str(order["script"]), order["arguments"]
    assert isinstance(arguments, list)
    failure = run_script(Script(path, tuple(str(argument) for argument in arguments)))
    if failure and (code := sessions.jvm_ended()) is not None:
        failure += f" (the Spark JVM ended with code {code}; the next run starts a new engine)"
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for descriptor in (1, 2):
        os.write(descriptor, f"{END_OF_RUN}{order['run']}\n".encode())
    channel.tell("ended", run=order["run"], failure=failure)
    channel.tell("clean", reusable=not fresh and sessions.end())


def _hide_ourselves() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "lakelocal"]:
        del sys.modules[name]
