"""Which build of the workers takes the claims."""

import asyncio
from typing import Final

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

DEPLOYMENT: Final = "zaoying"
_KNOWN_WITHIN_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.2
_NOT_YET: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)


class NobodyOfThatBuild(Exception):
    """No worker of that build has asked for work."""


async def promote(client: Client, build: str, *, within_seconds: float = _KNOWN_WITHIN_SECONDS) -> None:
    """Give all claims, also those under way, to the workers of a build; none may be lost on a build that
    nobody runs. Idempotent. Raises NobodyOfThatBuild, RPCError."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build, identity=client.identity
    )
    last = ""
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                try:
                    await client.workflow_service.set_worker_deployment_current_version(request)
                except RPCError as error:
                    if error.status not in _NOT_YET:
                        raise
                    last = error.message
                else:
                    return
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        raise NobodyOfThatBuild(last) from error
