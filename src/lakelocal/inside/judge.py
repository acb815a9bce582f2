"""What AWS services may do to a resource: its own policy decides, and the key's that encrypts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakelocal.inside.decisions import Recorder
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.services.kms", "_resolve_key", ("key_id_or_arn",)),
    Hook("ministack.core.iam_evaluator", "evaluate_resource_policy"),
)
KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service that acts for a resource of this account: a rule, a bucket, an alarm."""

    principal: str
    source: str
    account: str

    @property
    def context(self) -> dict[str, object]:
        return {"aws:sourcearn": self.source, "aws:sourceaccount": self.account, "kms:calleraccount": self.account}


def account_of(arn: str) -> str:
    """The account that an ARN names; an ARN of S3 names none."""
    return arn.split(":")[4]


class Judge:
    """Decides by resource policies, and has every decision recorded."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    def allows(
        self, service: Service, action: str, resource: str, policy: object, more: Mapping[str, object] | None = None
    ) -> bool:
        """Whether a resource's policy lets a service act on it; `more` are further keys of its conditions."""
        from ministack.core import iam_evaluator, responses

        context = iam_evaluator.EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=resource,
            region=responses.get_region(),
            service_context={**service.context, **(more or {})},
        )
        found = iam_evaluator.evaluate_resource_policy(policy, context, service=service.principal)
        allowed = bool(found.decision == "Allow")
        if self._recorder is not None:
            self._recorder.record(context, allowed, (policy, service.account, True), service.principal)
        return allowed

    def opens_key(
        self,
        service: Service,
        key: str,
        actions: tuple[str, ...] = KEY_ACTIONS,
        more: Mapping[str, object] | None = None,
    ) -> bool:
        """Whether a service may use the key that encrypts a resource; a key that is not the account's own is open."""
        from ministack.services import kms

        record = kms._resolve_key(key) if key else None
        if record is None:
            return True
        policy = record.get("Policy") or ""
        return all(self.allows(service, action, record["Arn"], policy, more) for action in actions)
