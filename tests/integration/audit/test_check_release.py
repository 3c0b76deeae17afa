"""Checking kept histories as a release does: what is read, what is blamed, what is printed."""

import base64
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit.histories.parsing import read_history
from audit.release.check import Blame, ReleaseFinding, Subject, check_histories
from audit.release.subjects import kept_histories
from claims.transition import Transition
from runtime.data_converter import make_data_converter
from tests.support.archive.kept_histories import Event, Kept, kept_by, load, named
from tests.support.processes.command import zaoying
from tests.support.reversing_codec import ReversingCodec

SUBJECT = named("claim-03")
TASK_FAILED: Event = {
    "eventType": "EVENT_TYPE_WORKFLOW_TASK_FAILED",
    "workflowTaskFailedEventAttributes": {"cause": "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR"},
}


def subject(kept: Kept) -> Subject:
    return Subject("subject", read_history(kept.workflow_id, json.dumps(kept.history)))


async def findings(*subjects: Subject, **options: object) -> list[ReleaseFinding]:
    async def each() -> AsyncIterator[Subject]:
        for one in subjects:
            yield one

    checked = [one async for one in check_histories(each(), **options)]  # type: ignore[arg-type]
    return [one.finding for one in checked if one.finding is not None]


def rewritten(kept: Kept, old: str, new: str, *, within: str) -> Kept:
    """Return the history with another word in activities' arguments or signals."""
    for event in kept.events:
        attributes = event.get(within)
        if isinstance(attributes, dict) and isinstance(attributes["input"], dict):
            for payload in attributes["input"]["payloads"]:
                data = base64.b64decode(payload["data"]).decode().replace(old, new)
                payload["data"] = base64.b64encode(data.encode()).decode()
    return kept


RECORDS, SIGNALS = "activityTaskScheduledEventAttributes", "workflowExecutionSignaledEventAttributes"


@pytest.mark.rule("R70")
@pytest.mark.parametrize(
    ("old", "new", "within", "what"),
    [
        ("签收，距送达", "没有签收，距送达", RECORDS, "日志第5条 的 text"),
        ('"status":"running"', '"status":"met"', RECORDS, "时限 1/0/contact 的 status"),
        ('"status":"accepted"', '"status":"refused"', RECORDS, "的结果 的 status"),
        ("已了解具体情况", "未了解具体情况", SIGNALS, "工单 的 contacts"),
        ("市生态环境局（首接单位）", "市住建局（首接单位）", RECORDS, "通知 "),
    ],
)
async def test_a_word_that_was_altered_is_named_where_it_stands(
    old: str, new: str, within: str, what: str
) -> None:
    kept = load(kept_by("0.3.0", "claim-03"))
    altered = rewritten(kept, old, new, within=within)
    (finding,) = await findings(subject(altered))
    assert what in "\n".join(finding.lines)


async def test_a_search_attribute_that_was_altered_is_named() -> None:
    kept = load(kept_by("0.3.0", "claim-03"))
    (first, *_) = [
        event["upsertWorkflowSearchAttributesEventAttributes"]
        for event in kept.events
        if "upsertWorkflowSearchAttributesEventAttributes" in event
    ]
    assert isinstance(first, dict)
    fields = first["searchAttributes"]["indexedFields"]  # type: ignore[index]
    fields["ClaimStage"]["data"] = base64.b64encode('"别处"'.encode()).decode()
    (finding,) = await findings(subject(kept))
    (differs,) = finding.differences
    assert (differs.what, differs.recorded) == ("检索字段 ClaimStage", "别处")


async def test_a_task_that_fails_on_the_running_build_is_not_blamed_on_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = load(SUBJECT)
    half = kept.events[: len(kept.events) // 2]
    started = max(
        n for n, event in enumerate(half) if event["eventType"] == "EVENT_TYPE_WORKFLOW_TASK_STARTED"
    )
    kept.history["events"] = [*half[: started + 1], {**TASK_FAILED, "eventId": str(started + 2)}]
    write = Transition.write

    def other(step: Transition, *rules: object, **fields: object) -> object:
        return write(step, *rules, **{**fields, "text": "别的话"})  # type: ignore[arg-type]

    monkeypatch.setattr(Transition, "write", other)
    (stalled,) = await findings(subject(kept))
    (sound,) = await findings(subject(load(SUBJECT)))
    assert (stalled.blame, sound.blame) == (Blame.BEFORE, Blame.NEW)
    (known,) = await findings(subject(load(SUBJECT)), known={sound.identity})
    builds = {one.build for one in sound.differences}
    (own,) = await findings(subject(load(SUBJECT)), build=builds.pop())
    assert (known.blame, own.blame, bool(builds)) == (Blame.BEFORE, Blame.BEFORE, False)


async def test_encoded_histories_are_compared_as_well() -> None:
    converter = make_data_converter(ReversingCodec())
    history = read_history(*_texts())
    for event in history.events:
        _, attributes = event.ListFields()[-1]
        payloads = getattr(getattr(attributes, "input", None), "payloads", None)
        if payloads:
            encoded = await ReversingCodec().encode(payloads)
            del payloads[:]
            payloads.extend(encoded)
    assert not await findings(Subject("encoded", history), converter=converter)
    (unreadable,) = await findings(Subject("encoded", history))
    assert unreadable.problem


def _texts() -> tuple[str, str]:
    kept = load(SUBJECT)
    return kept.workflow_id, json.dumps(kept.history)


async def test_a_folder_holds_histories_of_any_making(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "claim-03.json.gz").write_bytes(SUBJECT.read_bytes())
    raw = gzip.compress(json.dumps(load(SUBJECT).history).encode())
    (tmp_path / "claim-raw.json.gz").write_bytes(raw)
    (tmp_path / "broken.json.gz").write_bytes(raw[:100])
    (tmp_path / "list.json.gz").write_bytes(gzip.compress(b"[]"))
    checked = [one async for one in check_histories(kept_histories(tmp_path))]
    assert sorted(one.subject for one in checked) == [
        "broken.json.gz",
        "claim-raw.json.gz",
        "list.json.gz",
        "v1/claim-03.json.gz",
    ]
    wrong = {one.subject: one.finding for one in checked if one.finding is not None}
    assert wrong.keys() == {"broken.json.gz", "list.json.gz"}
    assert {finding.blame for finding in wrong.values()} == {Blame.BEFORE}


def test_the_command_says_by_its_exit_code_whether_anything_differs(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(SUBJECT.read_bytes())
    sound = zaoying("check-release", "--offline", "--histories", str(tmp_path), home=tmp_path)
    assert (sound.returncode, sound.stdout) == (0, "核对历史 1 份，本版程序与历史完全一致\n")
    kept = json.loads(gzip.decompress(SUBJECT.read_bytes()))
    altered = rewritten(load(SUBJECT), "市供电公司", "某某公司", within=RECORDS)
    altered = rewritten(replace(altered), "registered", "dispatched", within=RECORDS)
    text = json.dumps({**kept, "history": altered.history})
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(text.encode()))
    options = ("--offline", "--histories", str(tmp_path))
    found = zaoying("check-release", *options, "--json", home=tmp_path)
    told = json.loads(found.stdout)
    assert (found.returncode, told["ok"], told["histories"]) == (1, False, 2)
    assert [one["subject"] for one in told["findings"]] == ["b.json.gz"]
    report = tmp_path / "before.json"
    report.write_text(found.stdout, "utf-8")
    known = zaoying("check-release", *options, "--known", str(report), home=tmp_path)
    assert "本版程序改变了其中 0 份，此前已有损坏 1 份" in known.stdout
    nobody = zaoying("check-release", "--histories", str(tmp_path / "none"), "--offline", home=tmp_path)
    assert (nobody.returncode, "没有目录" in nobody.stderr) == (1, True)
