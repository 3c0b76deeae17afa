"""`/codec`: the codec server of the Temporal UI."""

import base64
import binascii
from typing import Annotated, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRouter
from pydantic import AfterValidator, BaseModel, Field
from temporalio.api.common.v1 import Payload

from api.http.codec_access import COOKIE
from api.http.dependencies import Caller, Used
from api.http.routing import guarded_router
from service_layer.codec_server import payloads
from service_layer.codec_server.payloads import READERS
from service_layer.permissions import require_role

router = guarded_router("Temporal UI")
page_router = APIRouter(include_in_schema=False)

MOST_PAYLOADS: Final = 1000


def _check_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("应为 base64") from error
    return text


Base64 = Annotated[str, AfterValidator(_check_base64)]


class PayloadJson(BaseModel):
    """One payload, as protobuf writes it in JSON."""

    metadata: dict[str, Base64] = Field(default_factory=dict)
    data: Base64 = ""


class PayloadsJson(BaseModel):
    """What the Temporal UI sends and gets."""

    payloads: Annotated[list[PayloadJson], Field(max_length=MOST_PAYLOADS)] = []


@router.post("/codec/decode", summary="解密载荷")
async def decode(sent: PayloadsJson, services: Used, actor: Caller) -> PayloadsJson:
    """供 Temporal UI 显示内容；每次解密均登记为一次读取（R70）。无权读取联系信息的，只见编号、时间和状态。"""
    return _sent(await payloads.decode(services, _received(sent), actor))


@router.post("/codec/encode", summary="加密控制台的输入")
async def encode(sent: PayloadsJson, services: Used, actor: Caller) -> PayloadsJson:
    """供 Temporal UI 发送信号；以控制台的密钥加密，流程据此按系统管理员的权限办理并记下姓名。"""
    return _sent(await payloads.encode(services, _received(sent), actor))


@router.post("/codec/session", summary="登录 Temporal UI 的解密服务", status_code=204)
async def sign_in(request: Request, actor: Caller) -> Response:
    """此后该浏览器在 Temporal UI 中的解密请求以此令牌的身份办理。"""
    require_role(actor, *READERS, what="读取 Temporal 中的内容")
    answer = Response(status_code=204)
    token = request.headers["Authorization"].partition(" ")[2].strip()
    is_secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, path="/codec", httponly=True, samesite="strict", secure=is_secure)
    return answer


@page_router.get("/codec/session", response_class=HTMLResponse)
async def sign_in_page() -> str:
    """Return a page to sign in on, for the embedded UI, which has no identity provider."""
    return _PAGE


def _received(sent: PayloadsJson) -> list[Payload]:
    return [
        Payload(
            metadata={name: base64.b64decode(value) for name, value in one.metadata.items()},
            data=base64.b64decode(one.data),
        )
        for one in sent.payloads
    ]


def _sent(found: list[Payload]) -> PayloadsJson:
    return PayloadsJson(
        payloads=[
            PayloadJson(
                metadata={name: _base64(value) for name, value in one.metadata.items()},
                data=_base64(one.data),
            )
            for one in found
        ]
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>Temporal UI 解密服务登录</title>
<h1>Temporal UI 解密服务登录</h1>
<p>请粘贴系统管理员、督导问效组或审计人员的令牌。登录后，在 Temporal UI 右上角的 Codec Server（眼镜图标）中选
“Use my browser setting”，填本接口的地址加 /codec，打开 “Include cross-origin credentials”。每次解密都会登记。</p>
<form><input name="token" type="password" autocomplete="off" size="60" aria-label="令牌" required>
<button>登录</button></form><p role="status"></p>
<script>
document.forms[0].onsubmit = async (event) => {
  event.preventDefault();
  const headers = {Authorization: "Bearer " + event.target.token.value.trim()};
  const answer = await fetch("/codec/session", {method: "POST", headers});
  document.querySelector("[role=status]").textContent = answer.ok ? "已登录" : (await answer.json()).detail;
};
</script></html>
"""
