"""What a function finds, and what becomes of it when it misbehaves."""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path


def look(event, context):
    """The place and the rights of a function."""
    return {
        "version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "colour": os.environ["COLOUR"],
        "event": event,
        "task": _refused(Path("/var/task/new")),
        "opt": _refused(Path("/opt/new")),
        "root": _refused(Path("/usr/new")),
        "tmp": _refused(Path("/tmp/new")),
        "keys": sorted(str(path) for path in Path("/").glob("*/.ssh/*")),
        "boto3": importlib.util.find_spec("boto3") is not None,
        "pytest": importlib.util.find_spec("pytest") is not None,
        "pip": importlib.util.find_spec("pip") is not None,
        "name": context.function_name,
        "left": context.get_remaining_time_in_millis() > 0,
    }


def _refused(path):
    try:
        path.write_text("x")
    except OSError as error:
        return error.strerror
    return None


def layered(event, context):
    from which import LAYER  # the later layer wins

    said = subprocess.run(["say"], capture_output=True, text=True, check=True).stdout.strip()
    return {"module": LAYER, "command": said}


def fail(event, context):
    raise ValueError("no such flight")


def sleep(event, context):
    time.sleep(60)


def eat(event, context):
    return len(bytearray(1 << 29))


def shout(event, context):
    sys.stdout.write("ä" * 1_500_000 + "\n")
    return "said"


def size(event, context):
    return len(event["text"])
