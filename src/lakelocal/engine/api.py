"""The calls of Docker's Engine API that SAM makes, one function each; every other one is refused by its path.

https://docs.docker.com/reference/api/engine/version/v1.44/
"""

from __future__ import annotations

import base64
import json
import re
import tarfile
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass

from lakelocal.engine.container import Container
from lakelocal.engine.exchange import Exchange
from lakelocal.engine.image import Images
from lakelocal.engine.launch import ports_of
from lakelocal.engine.process import ended_with
from lakelocal.engine.refusal import Refused
from lakelocal.engine.setting import Setting

VERSION = "1.44"


class Engine:
    """What the calls act on."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.images = Images(setting)
        self.containers: dict[str, Container] = {}
        self.stopping = threading.Event()

    def container(self, name: str) -> Container:
        for container in list(self.containers.values()):
            if container.id.startswith(name) or container.name == name:
                return container
        raise Refused(404, f"No such container: {name}")

    def remove(self, container: Container) -> None:
        if self.containers.pop(container.id, None):
            container.remove()

    def stop(self) -> None:
        self.stopping.set()
        for container in list(self.containers.values()):
            self.remove(container)


def ping(exchange: Exchange, engine: Engine) -> None:
    exchange.answer(200, "OK")


def version(exchange: Exchange, engine: Engine) -> None:
    facts = {"Version": "27.0", "ApiVersion": VERSION, "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}
    exchange.answer(200, facts)


def info(exchange: Exchange, engine: Engine) -> None:
    exchange.answer(200, {"ServerVersion": "27.0", "OSType": "linux", "Architecture": "x86_64", "Name": "lake"})


def events(exchange: Exchange, engine: Engine) -> None:
    """SAM listens for new images; none ever appear by themselves."""
    exchange.stream((), hold=engine.stopping)


def image(exchange: Exchange, engine: Engine, name: str) -> None:
    exchange.answer(200, engine.images.named(name).described())


def images(exchange: Exchange, engine: Engine) -> None:
    wanted = json.loads(exchange.query.get("filters", "{}")).get("reference") or []
    names = list(wanted)  # a list, or an object whose keys are the names
    exchange.answer(200, [one.described() for one in engine.images.listed(names)])


def forget_image(exchange: Exchange, engine: Engine, name: str) -> None:
    exchange.answer(200, [{"Untagged": engine.images.forgotten(name)}])


def distribution(exchange: Exchange, engine: Engine, name: str) -> None:
    """What a registry would say; SAM builds again when it differs from what is here, and it never does."""
    found = engine.images.pulled(name)
    exchange.answer(200, {"Descriptor": {"mediaType": "", "digest": found.id, "size": 0}, "Platforms": []})


def pull(exchange: Exchange, engine: Engine) -> None:
    found = engine.images.pulled(f"{exchange.query['fromImage']}:{exchange.query.get('tag') or 'latest'}")
    exchange.stream([{"status": f"{found.name} is played by {engine.setting.python}"}])


def build(exchange: Exchange, engine: Engine) -> None:
    with tempfile.TemporaryFile(dir=engine.setting.state) as context:
        exchange.save_body(context)
        context.seek(0)
        exchange.stream(engine.images.built(exchange.query["t"], context))


def create(exchange: Exchange, engine: Engine) -> None:
    spec = exchange.json()
    ports_of(spec)  # Docker says so at the start only, where SAM trips over the answer
    made = Container(engine.setting, engine.images.named(spec["Image"]), spec, exchange.query.get("name", ""))
    engine.containers[made.id] = made
    ended_with(exchange.peer, lambda: engine.remove(made))
    exchange.answer(201, {"Id": made.id, "Warnings": []})


def containers(exchange: Exchange, engine: Engine) -> None:
    listed = [
        {"Id": one.id, "Names": [f"/{one.name}"], "Image": one.image.name, "State": one.status}
        for one in engine.containers.values()
    ]
    exchange.answer(200, listed)


def container(exchange: Exchange, engine: Engine, name: str) -> None:
    exchange.answer(200, engine.container(name).described())


def start(exchange: Exchange, engine: Engine, name: str) -> None:
    engine.container(name).start()
    exchange.answer(204)


def attach(exchange: Exchange, engine: Engine, name: str) -> None:
    found = engine.container(name)
    from_start = exchange.query.get("logs", "").lower() in ("1", "true")
    exchange.frames(found.output(from_start, follow=True), upgrade=True)


def logs(exchange: Exchange, engine: Engine, name: str) -> None:
    follow = exchange.query.get("follow", "").lower() in ("1", "true")
    exchange.frames(engine.container(name).output(from_start=True, follow=follow), upgrade=False)


def wait(exchange: Exchange, engine: Engine, name: str) -> None:
    exchange.answer(200, {"StatusCode": engine.container(name).wait()})


def stop(exchange: Exchange, engine: Engine, name: str) -> None:
    engine.container(name).stop(float(exchange.query.get("t", 10)))
    exchange.answer(204)


def kill(exchange: Exchange, engine: Engine, name: str) -> None:
    engine.container(name).stop(0)
    exchange.answer(204)


def remove(exchange: Exchange, engine: Engine, name: str) -> None:
    engine.remove(engine.container(name))
    exchange.answer(204)


def archive(exchange: Exchange, engine: Engine, name: str) -> None:
    """A file or folder of the container as a tar; SAM fetches a runtime's result this way."""
    path = exchange.query["path"]
    found = engine.container(name).on_this_machine(path.removesuffix("/."))
    about = {"name": found.name, "size": 0, "mode": 0, "mtime": "", "linkTarget": ""}
    with tempfile.TemporaryFile(dir=engine.setting.state) as content:
        with tarfile.open(fileobj=content, mode="w") as tar:
            tar.add(found, "." if path.endswith("/.") else found.name)
        told = base64.b64encode(json.dumps(about).encode()).decode()
        exchange.send_file(content, "application/x-tar", {"X-Docker-Container-Path-Stat": told})


def network(exchange: Exchange, engine: Engine, name: str) -> None:
    exchange.answer(200, {"Id": name, "Name": name})


def join_network(exchange: Exchange, engine: Engine, name: str, _verb: str) -> None:
    exchange.answer(200)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that SAM makes; `{…}` in its path stands for a name."""

    verb: str
    path: str
    act: Callable[..., None]

    def match(self, verb: str, path: str) -> tuple[str, ...] | None:
        pattern = self.path.replace("{image}", "(.+)").replace("{id}", "([^/]+)").replace("{verb}", "([^/]+)")
        found = re.fullmatch(pattern, path) if verb in (self.verb, "HEAD") else None
        return found.groups() if found else None


CALLS = (
    Call("GET", "/_ping", ping),
    Call("GET", "/version", version),
    Call("GET", "/info", info),
    Call("GET", "/events", events),
    Call("GET", "/images/json", images),
    Call("POST", "/images/create", pull),
    Call("GET", "/images/{image}/json", image),
    Call("DELETE", "/images/{image}", forget_image),
    Call("GET", "/distribution/{image}/json", distribution),
    Call("POST", "/build", build),
    Call("POST", "/containers/create", create),
    Call("GET", "/containers/json", containers),
    Call("GET", "/containers/{id}/json", container),
    Call("POST", "/containers/{id}/start", start),
    Call("POST", "/containers/{id}/attach", attach),
    Call("GET", "/containers/{id}/logs", logs),
    Call("POST", "/containers/{id}/wait", wait),
    Call("POST", "/containers/{id}/stop", stop),
    Call("POST", "/containers/{id}/kill", kill),
    Call("GET", "/containers/{id}/archive", archive),
    Call("DELETE", "/containers/{id}", remove),
    Call("GET", "/networks/{id}", network),
    Call("POST", "/networks/{id}/{verb}", join_network),
)


def handle(exchange: Exchange, engine: Engine) -> None:
    """Do what is asked, or say that this engine does not know how."""
    for call in CALLS:
        names = call.match(exchange.command, exchange.route)
        if names is not None:
            _trace(engine, f"{exchange.command} {call.path}")
            call.act(exchange, engine, *names)
            return
    _trace(engine, f"{exchange.command} {exchange.route} (unknown)")
    raise Refused(501, f"The lake's engine does not know {exchange.command} {exchange.route}: it does what SAM needs.")


def _trace(engine: Engine, line: str) -> None:
    if engine.setting.trace:
        with open(engine.setting.trace, "a") as file:  # noqa: PTH123  the only line that would need it
            file.write(f"{line}\n")
