"""Runs inside a function's own process, under Lambda's interpreter: imports the handler, then serves events.

Alone in its process: it may import the standard library only, and what it puts in sys.modules the
function can see. Events and answers travel on two pipes, one JSON document a line; what the function
prints goes to stdout and stderr, which are the log. A line `\\x00END <request id>` ends an invocation's log.
"""

import decimal
import importlib
import json
import logging
import os
import sys
import time
import traceback

LIMIT = 6291556


class Context:
    """What Lambda hands to a handler beside the event."""

    def __init__(self, call):
        self.aws_request_id = call["request_id"]
        self.invoked_function_arn = call["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = None
        self._deadline = call["deadline"]

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Line(logging.Formatter):
    """Lambda's text format of a log record."""

    converter = time.gmtime

    def __init__(self):
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record):
        record.aws_request_id = REQUEST["id"]
        return super().format(record)


class Document(logging.Formatter):
    """Lambda's JSON format of a log record."""

    def format(self, record):
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        document = {
            "timestamp": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": REQUEST["id"],
        }
        if record.exc_info:
            document["errorType"] = record.exc_info[0].__name__
            document["errorMessage"] = str(record.exc_info[1])
            document["stackTrace"] = traceback.format_exception(*record.exc_info)
        return json.dumps(document, default=str)


REQUEST = {"id": ""}


class UserCode(Exception):
    """The function could not be loaded; carries what Lambda would answer."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.document = failure(kind, message, trace)


def failure(kind, message, trace=()):
    return {"errorMessage": message, "errorType": kind, "requestId": REQUEST["id"], "stackTrace": list(trace)}


def handler_of(name):
    module_name, _, attribute = name.rpartition(".")
    if not module_name:
        raise UserCode("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise UserCode("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise UserCode("Runtime.UserCodeSyntaxError", message) from error
    except Exception as error:
        raise UserCode(type(error).__name__, str(error), trace_of(error)) from error
    if not hasattr(module, attribute):
        message = f"Handler '{attribute}' missing on module '{module_name}'"
        raise UserCode("Runtime.HandlerNotFound", message)
    return getattr(module, attribute)


def trace_of(error):
    """The frames below ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    return traceback.format_list(ours)


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def call_handler(handler, call):
    """The document to answer with, and whether it is an error."""
    try:
        result = handler(call["event"], Context(call))
    except Exception as error:  # noqa: BLE001  whatever the handler raises is its answer
        return failure(type(error).__name__, str(error), trace_of(error)), True
    try:
        text = json.dumps(result, default=plain)
    except (TypeError, ValueError) as error:
        return failure("Runtime.MarshalError", f"Unable to marshal response: {error}"), True
    if len(text) > LIMIT:
        message = f"Response payload size exceeded maximum allowed payload size ({LIMIT} bytes)."
        return failure("Function.ResponseSizeTooLarge", message), True
    return result, False


def log_handler():
    handler = logging.StreamHandler(sys.stdout)
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    handler.setFormatter(Document() if as_json else Line())
    logging.getLogger().addHandler(handler)
    if os.environ.get("AWS_LAMBDA_LOG_LEVEL"):
        logging.getLogger().setLevel(os.environ["AWS_LAMBDA_LOG_LEVEL"])


def report(document):
    kind, message = document["errorType"], document["errorMessage"]
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        sys.stdout.write(json.dumps({"level": "ERROR", **document}) + "\n")
        return
    trace = "".join(document["stackTrace"])
    below = f"Traceback (most recent call last):\n{trace}\n" if trace else ""
    sys.stdout.write(f"[ERROR] {kind}: {message}\n{below}")


def serve(events, answers, paths):
    sys.path[:0] = paths
    log_handler()
    try:
        handler, broken = handler_of(os.environ["_HANDLER"]), None
    except UserCode as error:
        handler, broken = None, error.document
    except SystemExit as error:
        handler, broken = None, failure("Runtime.ExitError", f"Error: Runtime exited with error: {error}")
    for line in events:
        call = json.loads(line)
        REQUEST["id"] = call["request_id"]
        trace_id = call.get("trace_id")
        os.environ.update({"_X_AMZN_TRACE_ID": trace_id} if trace_id else {})
        if broken:
            document, failed = {**broken, "requestId": REQUEST["id"]}, True
        else:
            document, failed = call_handler(handler, call)
        if failed:
            report(document)
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(1, f"\x00END {REQUEST['id']}\n".encode())
        answers.write(json.dumps({"body": document, "error": failed}, default=plain) + "\n")
        answers.flush()
        if broken:
            return


if __name__ == "__main__":
    serve(os.fdopen(int(sys.argv[1]), "r"), os.fdopen(int(sys.argv[2]), "w"), sys.argv[3:])
