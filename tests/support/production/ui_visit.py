"""Uses the Temporal UI as an administrator's browser does: signs in at the provider, lists workflows, decodes
them.
"""

import base64
import json
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

NAMESPACE: Final = "/api/v1/namespaces/zaoying"
NEEDED: Final = ("user0", "user1", "user2", "user3")


async def visit(ui: str, api: str) -> dict[str, object]:
    """Visit the UI and return the results."""
    async with httpx.AsyncClient(base_url=ui, timeout=60) as browser:
        settings = (await browser.get("/api/v1/settings")).json()
        stranger = await browser.get(f"{NAMESPACE}/workflows")
        forged = await browser.get(
            f"{NAMESPACE}/workflows", headers={"Authorization": "Bearer made.up.token"}
        )
        sent = await browser.get("/auth/sso")
        asked = {name: value[0] for name, value in parse_qs(urlsplit(sent.headers["location"]).query).items()}
        back = await browser.get(
            "/auth/sso/callback",
            params={"code": asked["nonce"], "state": asked["state"]},
            headers={"Cookie": _cookies(sent)},
        )
        tokens = _tokens(back)
        own = {
            "Authorization": f"Bearer {tokens['AccessToken']}",
            "Authorization-Extras": str(tokens["IDToken"]),
        }
        listed = await browser.get(f"{NAMESPACE}/workflows", headers=own)
        found = listed.json().get("executions", [])
        decoded = await _decoded(browser, api, own, found)
    return {
        "codec": settings["Codec"],
        "auth": settings["Auth"]["Enabled"],
        "refused": [stranger.status_code, forged.status_code],
        "asked": {name: asked.get(name) for name in ("client_id", "redirect_uri", "scope")},
        "location": sent.headers["location"],
        "listed": [listed.status_code, len(found)],
        "decoded": decoded,
    }


async def _decoded(
    browser: httpx.AsyncClient, api: str, own: dict[str, str], found: list[dict[str, dict[str, str]]]
) -> list[object]:
    """Return the first claim's input as stored by the server, and as decoded by our codec server."""
    run = next(one["execution"] for one in found if one["execution"]["workflowId"].startswith("claim-"))
    path = f"{NAMESPACE}/workflows/{run['workflowId']}/history"
    history = (await browser.get(path, params={"execution.runId": run["runId"]}, headers=own)).json()
    [started, *_] = history["history"]["events"]
    payloads = started["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    kept = base64.b64decode(payloads[0]["metadata"]["encoding"]).decode()
    async with httpx.AsyncClient(base_url=api, timeout=60) as codec:
        bearer = {"Authorization": own["Authorization"], "Origin": "https://temporal.example"}
        plain = await codec.post("/codec/decode", json={"payloads": payloads}, headers=bearer)
    shown = base64.b64decode(plain.json()["payloads"][0]["metadata"]["encoding"]).decode()
    return [kept, plain.status_code, shown, plain.headers.get("access-control-allow-origin")]


def _cookies(answer: httpx.Response) -> str:
    """Return the cookies. The UI may set them for https only; a browser's jar would then drop them."""
    return "; ".join(one.split(";")[0] for one in answer.headers.get_list("set-cookie") if "=;" not in one)


def _tokens(answer: httpx.Response) -> dict[str, object]:
    pieces = dict(one.split(";")[0].split("=", 1) for one in answer.headers.get_list("set-cookie"))
    said = "".join(pieces.get(name, "") for name in NEEDED)
    found: dict[str, object] = json.loads(base64.b64decode(said + "=" * (-len(said) % 4)))
    return found
