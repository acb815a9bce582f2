"""Queues feed functions as on AWS: batches above ten, batching windows, the function's role checked.

AWS's queues outlive whoever works on their messages; here both end together, so what was in work when the cloud
stopped is on its queue again when it starts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.services.sqs", "_receive_messages_for_esm", ("queue_url", "max_number")),
    Hook("ministack.services.sqs", "_queues_lock"),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
    Hook("ministack.services.kms", "_resolve_key", ("key_id_or_arn",)),
    Hook("ministack.services.sqs", "_get_q"),
    Hook("ministack.services.sqs", "_expire_retained"),
    Hook("ministack.services.sqs", "_dlq_sweep"),
    Hook("ministack.services.sqs", "_collect_msgs", ("q", "max_n", "vis_timeout")),
    Hook("ministack.services.lambda_svc", "_esms"),
    Hook("ministack.services.lambda_svc", "_create_esm", ("data",)),
    Hook("ministack.services.lambda_svc", "_update_esm", ("esm_id", "data")),
    Hook("ministack.services.lambda_svc", "_resolve_existing_esm_function", ("function_ref",)),
    Hook("ministack.services.lambda_svc", "_sqs_esm_concurrency", ("esm", "func_rec", "config", "queue")),
    Hook("ministack.core.lambda_runtime", "workers_in_use", ()),
)
EVENT_BYTES = 5_500_000  # Lambda takes 6 MB; the records' envelopes need the rest
AT_ONCE = 6
EACH_AT_ONCE = 2
READS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
Answer = tuple[int, dict[str, str], bytes]


def install(host: Host) -> None:
    from ministack.services import lambda_svc, sqs

    sqs._receive_messages_for_esm = _receiver(host)
    lambda_svc._sqs_esm_concurrency = _shared(lambda_svc._sqs_esm_concurrency)
    lambda_svc._create_esm = _checked_create(host, lambda_svc._create_esm)
    lambda_svc._update_esm = _checked_update(lambda_svc._update_esm)


def _shared(inner: Callable[..., int]) -> Callable[..., int]:
    """A laptop's few sandboxes are shared by all mappings: one alone must not take them all."""

    def limit(
        esm: dict[str, Any], func_rec: dict[str, Any], config: dict[str, Any], queue: dict[str, Any] | None = None
    ) -> int:
        return min(inner(esm, func_rec, config, queue), EACH_AT_ONCE)

    return limit


def _receiver(host: Host) -> Callable[[str, int], list[dict[str, Any]]]:
    met: set[str] = set()

    def receive(queue_url: str, max_number: int) -> list[dict[str, Any]]:
        """The next batch of a queue's mapping; nothing while its window is open or every sandbox is busy."""
        from ministack.core import lambda_runtime
        from ministack.services import sqs

        if lambda_runtime.workers_in_use() >= AT_ONCE:
            return []  # taking messages that nobody can work on would count as a receive
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            if queue_url not in met:
                met.add(queue_url)
                _come_back(queue["messages"], time.time())
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            arn = queue["attributes"].get("QueueArn", "")
            limit = min(int(max_number or 1), 10) if queue["is_fifo"] else int(max_number or 1)
            window = 0.0 if queue["is_fifo"] else _window(arn)
            count = _due(queue["messages"], limit, window, time.time())
            if not count or _unreadable(host, arn):
                return []
            seconds = int(queue["attributes"].get("VisibilityTimeout", "30"))
            found: list[dict[str, Any]] = sqs._collect_msgs(queue, count, seconds)
            return found

    return receive


def _come_back(messages: list[dict[str, Any]], now: float) -> None:
    """Show what was received before this process began: its receivers are no more. Delayed messages keep waiting."""
    for message in messages:
        if message.get("receive_count") and message.get("visible_at", 0) > now:
            message["visible_at"] = now


def _mappings(queue_arn: str) -> list[dict[str, Any]]:
    from ministack.services import lambda_svc

    return [esm for esm in lambda_svc._esms.values() if esm.get("EventSourceArn") == queue_arn]


def _unreadable(host: Host, queue_arn: str) -> bool:
    """Whether the role of a mapped function may no longer read the queue; its mapping then says so."""
    for esm in _mappings(queue_arn):
        wrong = role_refusal(host, esm["FunctionName"], queue_arn)
        if wrong:
            esm["LastProcessingResult"] = f"PROBLEM: {wrong}"
            return True
    return False


def role_refusal(host: Host, function_name: str, queue_arn: str) -> str | None:
    """What the function's role lacks to read this queue, in Lambda's words."""
    from ministack.services import kms, lambda_svc, sqs

    function, queue = lambda_svc._functions.get(function_name), sqs._queue_by_arn(queue_arn)
    if function is None or queue is None:
        return None
    try:
        credentials = host.role_credentials(function["config"]["Role"], function_name[:64])
    except UnknownRole as error:
        return str(error)
    for action in READS:
        if host.denial(credentials, f"sqs:{action}", queue_arn):
            return f"The function execution role does not have permissions to call {action} on SQS"
    key = kms._resolve_key(queue["attributes"].get("KmsMasterKeyId", ""))
    via = {"kms:viaservice": f"sqs.{host.region}.amazonaws.com"}
    if key and host.denial(credentials, "kms:Decrypt", key["Arn"], via):
        return f"The function execution role does not have permissions to call Decrypt on {key['Arn']}"
    return None


def _window(queue_arn: str) -> float:
    windows = [float(esm.get("MaximumBatchingWindowInSeconds") or 0) for esm in _mappings(queue_arn)]
    return max(windows, default=0.0)


def _due(messages: list[dict[str, Any]], limit: int, window: float, now: float) -> int:
    """How many messages to take now: none while fewer than a batch wait and the oldest is within the window."""
    count = size = 0
    oldest = now
    for message in messages:
        visible_at = message.get("visible_at", 0)
        if visible_at > now:
            continue
        size += len(message.get("body", ""))
        if count and size > EVENT_BYTES:
            return count
        count += 1
        oldest = min(oldest, max(message.get("sent_at", 0), visible_at))
        if count >= limit:
            return count
    return count if now - oldest >= window else 0


def _checked_create(host: Host, inner: Callable[..., Answer]) -> Callable[..., Answer]:
    def create(data: dict[str, Any]) -> Answer:
        wrong = mapping_refusal(host, data)
        return _refused(wrong) if wrong else inner(data)

    return create


def _checked_update(inner: Callable[..., Answer]) -> Callable[..., Answer]:
    def update(esm_id: str, data: dict[str, Any]) -> Answer:
        from ministack.services import lambda_svc

        wrong = _batch_refusal({**(lambda_svc._esms.get(esm_id) or {}), **data})
        return _refused(wrong) if wrong else inner(esm_id, data)

    return update


def mapping_refusal(host: Host, data: dict[str, Any]) -> str | None:
    """Why AWS would refuse this event source mapping, or None."""
    return _batch_refusal(data) or _queue_refusal(host, data)


def _batch_refusal(data: dict[str, Any]) -> str | None:
    if ":sqs:" not in str(data.get("EventSourceArn", "")):
        return None
    size = int(data.get("BatchSize") or 10)
    window = int(data.get("MaximumBatchingWindowInSeconds") or 0)
    if size > 10 and str(data["EventSourceArn"]).endswith(".fifo"):
        return "Batch size cannot be greater than 10 for a FIFO queue."
    if size > 10 and window < 1:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    if size > 10_000 or window > 300:
        return "BatchSize must be at most 10000 and MaximumBatchingWindowInSeconds at most 300."
    return None


def _queue_refusal(host: Host, data: dict[str, Any]) -> str | None:
    from ministack.services import lambda_svc, sqs

    arn = str(data.get("EventSourceArn", ""))
    if ":sqs:" not in arn:
        return None
    name, _, error = lambda_svc._resolve_existing_esm_function(data.get("FunctionName", ""))
    function = None if error else lambda_svc._functions.get(name)
    queue = next((q for q in sqs._queues.values() if q["attributes"].get("QueueArn") == arn), None)
    if queue is None:
        return f"Error occurred while ReceiveMessage. The queue {arn} does not exist."
    if function is None:
        return None  # MiniStack's own answer names the function
    visible = int(queue["attributes"].get("VisibilityTimeout", "30"))
    timeout = int(function["config"].get("Timeout") or 3)
    if visible < timeout:
        return f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
    return role_refusal(host, name, arn)


def _refused(message: str) -> Answer:
    document = {"__type": "InvalidParameterValueException", "message": message, "Type": "User"}
    headers = {"Content-Type": "application/json", "x-amzn-errortype": "InvalidParameterValueException"}
    return 400, headers, json.dumps(document).encode()
