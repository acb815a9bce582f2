"""Plays /var/runtime/bootstrap.py of AWS's Python images: the search path of Lambda, then AWS's runtime client.

The machine's own packages must not stand in for what the function's package lacks.
"""

import os
import site
import sys

packages = os.environ.pop("LAKE_RUNTIME_PACKAGES")
layers = os.environ.pop("LAKE_LAYERS", "/opt")
version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
task, runtime = os.environ["LAMBDA_TASK_ROOT"], os.environ["LAMBDA_RUNTIME_DIR"]
of_machine = {os.path.realpath(path) for path in [*site.getsitepackages(), site.getusersitepackages(), runtime]}
of_layers = [f"{layers}/python/lib/{version}/site-packages", f"{layers}/python"]
kept = [path for path in sys.path if os.path.realpath(path or ".") not in of_machine]
sys.path[:] = [task, *of_layers, *kept, packages]
for folder in (task, *of_layers):
    site.addsitedir(folder)

from awslambdaric.__main__ import main  # noqa: E402  found on the path that was just made

main(["awslambdaric", os.environ.get("_HANDLER") or os.environ["AWS_LAMBDA_FUNCTION_HANDLER"]])
