"""`zaoying token`: access tokens signed with the installation's own key."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from claims.model.terms import Channel, Role
from cli.refusals import CommandRefused
from runtime.settings import load_settings

_IN_TOKENS: Final = tuple(role.value for role in Role if role is not Role.CONSOLE)


def _role(text: str) -> Role:
    if text not in _IN_TOKENS:
        raise typer.BadParameter(f"不能是“{text}”，可填：{', '.join(_IN_TOKENS)}")
    return Role(text)


def token(
    role: Annotated[
        list[Role], typer.Option(parser=_role, metavar=f"[{'|'.join(_IN_TOKENS)}]", help="身份，可重复")
    ],
    unit: Annotated[
        str | None, typer.Option(help="单位编号或名称；经办人（handler）和负责人（head）必填")
    ] = None,
    name: Annotated[str, typer.Option(help="姓名；企业身份填企业名称")] = "",
    credit_code: Annotated[str, typer.Option(help="企业的统一社会信用代码；尚无代码的不填")] = "",
    channel: Annotated[Channel | None, typer.Option(help="来源系统的渠道")] = None,
    hours: Annotated[int, typer.Option(help="有效小时数", min=1, max=12)] = 12,
) -> None:
    """签发一枚内置密钥的访问令牌。"""
    from claims.model.organisation import UnknownUnit
    from claims.text import credit_code as text
    from data import load_organisation
    from service_layer.identity.tokens import issue_token, load_or_make_key

    if unit is None and (needed := {Role.HANDLER, Role.HEAD} & {*role}):
        raise typer.BadParameter(f"{'、'.join(sorted(needed))} 的令牌须写明 --unit（单位编号或名称）")
    if unit is not None:
        try:
            unit = load_organisation().find(unit).id
        except UnknownUnit as error:
            raise CommandRefused(error.reason) from error
    if credit_code:
        try:
            credit_code = text.credit_code(credit_code)
        except text.NotACreditCode as error:
            raise CommandRefused(str(error)) from error
    if Role.CHANNEL in role and channel is None:
        raise typer.BadParameter("来源系统的令牌须写明 --channel")
    key = load_or_make_key(load_settings().token_key)
    issued = issue_token(
        key,
        roles=role,
        unit=unit or "",
        name=name,
        credit_code=credit_code,
        channel=channel or "",
        lifetime=timedelta(hours=hours),
    )
    typer.echo(issued)


def revoke_token(
    jti: Annotated[str, typer.Option(help="令牌编号（jti）：只撤销这一枚")] = "",
    sub: Annotated[str, typer.Option(help="人员（sub）：撤销此人至今的全部令牌，此人可重新登录")] = "",
    reason: Annotated[str, typer.Option(help="理由")] = "",
) -> None:
    """撤销令牌；数秒后所有接口都不再接受。"""
    from records.access.token_revocations import Revocation, RevokedBy, revoke
    from records.database.engine import open_records
    from records.errors import NotOurRecords, RecordsUnavailable
    from service_layer.clock import now

    if bool(jti) == bool(sub):
        raise typer.BadParameter("--jti 与 --sub 须填且只填一项")
    revocation = Revocation(
        kind=RevokedBy.TOKEN if jti else RevokedBy.PERSON, value=jti or sub, at=now(), reason=reason
    )
    try:
        with open_records(load_settings().records_url) as records:
            revoke(records, revocation)
    except (NotOurRecords, RecordsUnavailable) as error:
        raise CommandRefused(str(error)) from error
    typer.echo(f"已撤销（{revocation.kind}）{revocation.value}")
