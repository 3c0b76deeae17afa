"""Sessions, cross-site forms and error pages, without a server behind them."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi.responses import Response

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from records.access.token_revocations import Revocation, RevokedBy, end_session, revocations, revoke
from records.claim_writer import write_step
from records.database.engine import open_records
from records.people.signature_drafts import SignatureDraft, keep_draft
from runtime.errors import ConfigurationError
from runtime.secret_files import UnreadableSecret
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER, person
from tests.support.web.page_visits import token_of, visiting
from web.app import create_site
from web.http.cookies import phone_account_key, signing_key
from web.http.pending import PATIENCE
from web.http.session import Sessions
from web.public.code_sessions import COOKIE, CodeSession


@pytest_asyncio.fixture(loop_scope="session")
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(settings) as client:
        yield client


async def sign_in(http: httpx.AsyncClient, person: str = "operator", **fields: str) -> httpx.Response:
    return await http.post("/app/login", data={"person": person, **fields})


async def test_a_visitor_is_led_to_the_sign_in_and_then_to_where_they_wanted(http: httpx.AsyncClient) -> None:
    asked = await http.get("/app/claims/QH202611240001?act=reply")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/app/login?next=%2Fapp%2Fclaims%2FQH202611240001%3Fact%3Dreply",
    )
    came = await sign_in(http, next="/app/claims/QH202611240001?act=reply")
    assert came.headers["location"] == "/app/claims/QH202611240001?act=reply"


async def test_a_long_search_keeps_nobody_from_signing_in(http: httpx.AsyncClient) -> None:
    for words, kept in ((40, True), (200, True), (1000, False)):
        asked = await http.get("/app/claims", params={"text": "停" * words})
        login = await http.get(asked.headers["location"])
        assert login.status_code == 200
        to = html.unescape(login.text.partition('name="next" value="')[2].partition('"')[0])
        assert to.startswith("/app/claims?text=%E5%81%9C" if kept else "/app/claims")
        assert ("?" in to) is kept
        assert (await sign_in(http, next=to)).headers["location"] == to
        http.cookies.clear()
    assert (await http.get("/report/phone", params={"next": "/app/" + "x" * 3000})).status_code == 200


@pytest.mark.parametrize(
    ("person", "desk"),
    [
        ("operator", "/app/desk"),
        ("caller", "/app/callbacks"),
        ("power-handler", "/app/inbox"),
        ("supervisor", "/app/board"),
        ("arbiter", "/app/arbitration"),
        ("coordinator", "/app/leaders"),
        ("auditor", "/app/audits"),
        ("admin", "/app/settings"),
        ("enterprise", "/report"),
    ],
)
async def test_everybody_is_led_to_their_own_desk(http: httpx.AsyncClient, person: str, desk: str) -> None:
    await sign_in(http, person)
    assert (await http.get("/")).headers["location"] == desk


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
async def test_signing_in_leads_to_no_other_site(http: httpx.AsyncClient, to: str) -> None:
    assert (await sign_in(http, next=to)).headers["location"] == "/app/desk"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(http: httpx.AsyncClient) -> None:
    cookie = (await sign_in(http)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_an_altered_cookie_is_no_session(http: httpx.AsyncClient) -> None:
    await sign_in(http)
    http.cookies.set("zaoying_session", http.cookies["zaoying_session"][:-2] + "AA")
    assert (await http.get("/app/desk")).headers["location"].startswith("/app/login")


async def test_a_form_without_the_sessions_token_is_refused(http: httpx.AsyncClient) -> None:
    await sign_in(http)
    answer = await http.post("/app/desk", data={"enterprise": "某公司"})
    assert answer.status_code == 403
    assert "不是从本系统的页面提交的" in answer.text


async def test_a_form_from_another_site_is_refused(http: httpx.AsyncClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await http.post("/app/login", data={"person": "admin"}, headers=headers)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_an_idle_session_ends_and_keeps_what_was_typed(settings: Settings) -> None:
    async with visiting(settings.model_copy(update={"session_idle": -1})) as http:
        await sign_in(http)
        answer = await http.post("/app/claims/QH1/reply", data={"text": "写了很久", "csrf": "old"})
    assert answer.status_code == 401
    assert "写了很久" in answer.text
    assert "old" not in answer.text


async def test_signing_out_ends_the_session(http: httpx.AsyncClient) -> None:
    await sign_in(http)
    page = (await http.get("/app/login")).text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    await http.post("/app/login/out", data={"csrf": token})
    assert (await http.get("/app/desk")).headers["location"].startswith("/app/login")


async def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out_at_any_api(settings: Settings) -> None:
    async with visiting(settings) as http:
        await sign_in(http)
        copied = http.cookies["zaoying_session"]
        page = (await http.get("/app/login")).text
        token = page.partition('name="csrf" value="')[2].partition('"')[0]
        http.cookies.clear()
        await sign_in(http)
        other = http.cookies["zaoying_session"]
        http.cookies.set("zaoying_session", copied)
        await http.post("/app/login/out", data={"csrf": token})
        http.cookies.clear()
        async with visiting(settings) as another:
            for api in (http, another):
                led_to = await api.get("/app/desk", headers={"Cookie": f"zaoying_session={copied}"})
                assert led_to.headers["location"].startswith("/app/login")
                still = await api.get("/app/desk", headers={"Cookie": f"zaoying_session={other}"})
                assert still.status_code == 200, "the person's other session goes on"


def test_ended_sessions_are_forgotten_when_they_would_have_ended(settings: Settings) -> None:
    at = now()
    with open_records(settings.records_url) as records:
        for key, minutes in (("old", 1), ("new", 60)):
            end_session(records, key, at=at, until=at + timedelta(minutes=minutes))
        end_session(records, "later", at=at + timedelta(minutes=2), until=at + timedelta(hours=2))
        assert [one.value for one in revocations(records)] == ["new", "later"]


@pytest.mark.rule("R39")
async def test_whoever_leaves_a_claims_pages_leaves_no_cookie_that_opens_them(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    paper = Paper()
    path = f"/track/{paper.claim.number}"
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim))
    session = CodeSession(number=paper.claim.number, token="t", ends=int(now().timestamp()) + 600)
    given = Response()
    COOKIE.write(given, settings, session, seconds=600)
    cookie = {"Cookie": given.headers["set-cookie"].partition(";")[0]}
    assert (await http.get(f"{path}/acts", headers=cookie)).status_code == 200
    await http.post(f"{path}/leave", data={"token": "wrong"}, headers=cookie)
    assert (await http.get(f"{path}/acts", headers=cookie)).status_code == 200
    await http.post(f"{path}/leave", data={"token": "t"}, headers=cookie)
    assert (await http.get(f"{path}/acts", headers=cookie)).status_code != 200


async def test_a_dismissed_officials_session_ends_as_the_tokens_do(settings: Settings) -> None:
    async with visiting(settings) as http:
        await sign_in(http, "power-handler")
        with open_records(settings.records_url) as records:
            gone = Revocation(kind=RevokedBy.PERSON, value="demo-power-handler", at=now(), reason="离职")
            revoke(records, gone)
        assert (await http.get("/app/inbox")).headers["location"].startswith("/app/login")
        await sign_in(http, "water-handler")
        assert not (await http.get("/app/inbox")).is_redirect


@pytest.mark.parametrize(
    ("key", "named"), [("", "须设置 ZAOYING_SESSION_KEY_FILE"), ("too short", "容易猜出")]
)
def test_production_does_not_start_without_a_good_key_for_its_cookies(
    settings: Settings, key: str, named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Sessions(settings.model_copy(update={"production": True, "session_key": key}))


def test_a_new_session_key_leaves_accounts_by_phone_as_they_were(settings: Settings) -> None:
    first, second = (settings.model_copy(update={"session_key": letter * 40}) for letter in "ab")
    assert phone_account_key(first) == signing_key(first) != phone_account_key(second)
    kept = settings.home / "phone_key"
    kept.write_text("a" * 40, encoding="utf-8")
    assert phone_account_key(second.model_copy(update={"phone_key_file": kept})) == phone_account_key(first)
    kept.write_text("short", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="ZAOYING_PHONE_KEY_FILE"):
        Sessions(second.model_copy(update={"phone_key_file": kept}))


def test_a_missing_secret_of_the_sign_in_is_said_at_the_start(settings: Settings) -> None:
    gone = settings.home / "oidc_client_secret"
    with pytest.raises(UnreadableSecret, match="oidc_client_secret"):
        create_site(settings.model_copy(update={"oidc_client_secret_file": gone}))


async def test_demo_people_are_gone_where_an_identity_provider_is_set(settings: Settings) -> None:
    provided = {
        "jwks_url": "http://127.0.0.1:1/keys",
        "jwt_issuer": "https://id.example",
        "jwt_audience": "a",
    }
    async with visiting(settings.model_copy(update=provided)) as http:
        page, answer = await http.get("/app/login"), await sign_in(http)
    assert "刘敏" not in page.text
    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_errors_are_pages_in_chinese_that_load_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    await sign_in(http)
    answer = await http.get("/app/claims/QH209901010001")
    assert answer.status_code == 404
    assert "没有编号为QH209901010001的工单" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    for path in ("/app/nowhere", "/report/a/b", "/report/phone/nowhere", "/track/QH209901010001/nowhere"):
        answer = await http.get(path)
        assert (answer.status_code, "没有这个页面" in answer.text) == (404, True), path


@pytest.mark.rule("§1", "R53", "R54")
async def test_an_enterprise_is_not_shown_the_desk_where_others_claims_are_looked_up(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(
        update={"enterprise": "另一有限公司", "credit_code": "", "matter": "停电，找王经理 139-0555-0009"}
    )
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim))
    typed = {"enterprise": "另一有限公司", "matter": "停电"}
    await sign_in(http, "operator")
    found = await http.post("/app/desk/alike", data=typed | {"csrf": await token_of(http)})
    assert paper.claim.number in found.text
    assert not [secret for secret in ("王经理", "0555") if secret in found.text]
    http.cookies.clear()
    await sign_in(http, "enterprise")
    refused = await http.post("/app/desk/alike", data=typed | {"csrf": await token_of(http)})
    assert (refused.status_code, (await http.get("/app/desk")).status_code) == (403, 403)
    assert paper.claim.number not in refused.text


async def test_a_person_is_not_shown_anothers_desk(http: httpx.AsyncClient) -> None:
    await sign_in(http, "power-handler")
    for path in ("/app/desk", "/app/board", "/app/callbacks", "/app/leaders", "/app/audits", "/app/settings"):
        assert (await http.get(path)).status_code == 403, path


@pytest.mark.rule("R54")
async def test_an_act_for_signature_is_shown_only_while_the_unit_handles_the_claim(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    paper = Paper().dispatched(POWER)
    draft = SignatureDraft(
        number=paper.claim.number,
        action=Action.REQUEST_EXTENSION,
        unit=POWER,
        body={"reason": "已向王经理说明"},
        by="孙磊",
        at=now(),
    )
    await sign_in(http, "power-head")
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim))
        keep_draft(records, draft)
        assert "已向王经理说明" in (await http.get("/app/inbox?group=for-the-head")).text
        paper.must(Action.REJECT, person(Role.HEAD, POWER))
        write_step(records, TransitionRecord(claim=paper.claim))
        assert "已向王经理说明" not in (await http.get("/app/inbox?group=for-the-head")).text


@pytest.mark.parametrize("path", ["/app/clues/x-1", "/app/meetings/m-1", f"/app/units/{POWER}"])
async def test_a_page_that_waits_ends_after_ten_minutes_and_says_what_to_do(
    http: httpx.AsyncClient, path: str
) -> None:
    await sign_in(http, "inspector")
    pending = f"{path}/pending?act=x&request=never-arrived"
    waits = await http.get(pending)
    assert ("正在等待办理结果" in waits.text, "http-equiv" in waits.text) == (True, True)

    long_ago = f"{pending}&since={int((now() - PATIENCE).timestamp())}"
    ended = await http.get(long_ago)
    assert "10分钟内没有等到办理结果" in ended.text
    assert f'href="{path}?act=x&amp;again=never-arrived#act"' in ended.text
    assert not re.search("hx-get|http-equiv", ended.text)
    asked_by_itself = await http.get(long_ago, headers={"HX-Request": "true"})
    assert "since=" in asked_by_itself.headers["hx-redirect"]
