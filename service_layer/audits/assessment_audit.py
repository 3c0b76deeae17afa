"""An auditor's check of a published assessment: reproduced from the histories alone (R62)."""

import asyncio
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

from activities.assessment.contents import kept_basis
from activities.organisation import organisation_on
from archive.errors import ArchiveError
from assessment.periods import parse_period
from audit.assessments.reproduction import AuditedInstallation, Reproduced, reproduce
from audit.histories.collector import HistoryCollector
from audit.histories.sources import Sources, server_histories
from audit.problems import AuditProblem, NoSuchHistory
from claims.model.refusals import Refused
from claims.model.terms import Role
from claims.model.values import Actor
from records.cases.reader import period_state
from records.contents import ContentLost
from records.database.engine import Records
from runtime.connection import connect
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.permissions import require_role
from service_layer.services import Services

MOST_CLAIMS: Final = 500
"""◇ Of larger periods it is a matter of minutes, for the command."""


async def reproduce_edition(services: Services, period: str, actor: Actor) -> Reproduced:
    """Return the newest published edition of a period, reproduced, and all differences. Raises ServiceError,
    RecordsUnavailable.
    """
    require_role(actor, Role.AUDITOR, what="重新形成通报")
    try:
        wanted = str(parse_period(period))
    except Refused as error:
        raise ServiceError(ErrorKind.INVALID, error.reason, rule=error.rule, instead=error.instead) from error
    records = await services.records.opened()
    await asyncio.to_thread(_check_size, services, records, wanted)
    async with services.drafting:
        try:
            return await asyncio.to_thread(_made, services, records, wanted)
        except NoSuchHistory as error:
            raise ServiceError(
                ErrorKind.NOT_FOUND, str(error), rule="R62", instead="请核对周期；草稿公布后才能核查"
            ) from error
        except (AuditProblem, Refused) as error:
            raise ServiceError(
                ErrorKind.NOT_SOUND, str(error), rule="R62", instead="请联系系统管理员"
            ) from error
        except (RPCError, ArchiveError, RuntimeError) as error:
            raise unavailable("流程引擎或归档暂时没有应答，没有核查") from error


def _check_size(services: Services, records: Records, period: str) -> None:
    recorded = period_state(records, period)
    published = recorded.published[-1] if recorded and recorded.published else None
    if published is None:
        return
    try:
        claims = len(kept_basis(services.contents, published.basis).claims)
    except (ContentLost, ValueError, OSError, EOFError):
        return
    if claims > MOST_CLAIMS:
        detail = f"{period}涉及{claims}件工单，超过网页上一次核查的{MOST_CLAIMS}件"
        raise ServiceError(
            ErrorKind.NOT_NOW, detail, rule="R62", instead=f"请运行 zaoying audit assessment {period}"
        )


def _made(services: Services, records: Records, period: str) -> Reproduced:
    """Reproduce in a thread with its own event loop, because replaying is CPU-bound."""

    async def made() -> Reproduced:
        client = await connect(services.settings)

        async def connected() -> Client:
            return client

        sources = Sources(server_histories(connected), services.settings.archive)
        installation = AuditedInstallation(
            sources=sources,
            collector=HistoryCollector(sources.archive(), client),
            records=records,
            contents=services.contents,
            organisation=lambda day: organisation_on(records, day),
            converter=services.settings.data_converter,
        )
        return await reproduce(installation, period)

    return asyncio.run(made())
