"""Uploads files for a claim on record, as users do."""

from pathlib import Path

import httpx

from activities.papers.filing import PaperActivities
from claims.model.terms import Role
from claims.papers.requests import PaperRequest
from records.contents import ContentStore
from records.database.engine import Records
from runtime.settings import Settings
from tests.support.api import upload_files
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER, WATER
from tests.support.records.recorded_claims import keep

NUMBER = "QH202611240001"


def late_claim(records: Records) -> Paper:
    """Return a recorded claim with letters."""
    paper = Paper().dispatched(POWER, co_units=[WATER])
    paper.until("Fri 2026-12-11 09:00")
    keep(records, paper)
    return paper


async def upload_scan(
    api: Caller, measure: str, role: Role, *, at: str = "", called: str = "", data: bytes = upload_files.PDF
) -> httpx.Response:
    """POST the form for an interview or an accountability file."""
    sent = {"file": ("签字件.pdf", data)}
    return await api.http.post(
        "/attachments", files=sent, data={"measure": measure}, headers=api.headers(role, at, called)
    )


async def upload(
    api: Caller,
    data: bytes = upload_files.PDF,
    name: str = "签字件.pdf",
    role: Role = Role.HANDLER,
    *,
    at: str = POWER,
    called: str = "",
    claim: str = NUMBER,
    media_type: str = "application/pdf",
) -> httpx.Response:
    """POST an upload form."""
    headers = api.headers(role, at, called)
    sent = {"file": (name, data, media_type)}
    return await api.http.post("/attachments", files=sent, data={"claim": claim}, headers=headers)


def on_disk(settings: Settings) -> list[Path]:
    """Return the stored files."""
    return [path for path in settings.attachments.rglob("*") if path.is_file()]


def filed(api: Caller, records: Records, request: PaperRequest) -> str:
    """File a paper as a worker does, and return it."""
    papers = PaperActivities(records, ContentStore(api.settings.attachments))
    return papers.file_paper(request).attachment
