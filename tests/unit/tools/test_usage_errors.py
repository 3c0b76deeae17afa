"""Wrongly used commands say so in Chinese and exit with 2."""

import pytest

from cli.forward import unit_id
from cli.main import _run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("token", "缺少 --role（用法见 zaoying token --help）"),
        ("token --role handler", "handler 的令牌须写明 --unit（单位编号或名称）"),
        ("token --role mayor", "--role 不能是“mayor”，可填：operator, supervisor, "),
        ("token --role console", "--role 不能是“console”，可填：operator, supervisor, "),
        ("token --role admin --hours 99", ("--hours 须在 1 至 12 之间", "--hours 不能大于 12")),
        ("token --role admin --hours soon", "--hours 须是数字"),
        ("token --role admin more", "多余的内容：more"),
        ("token --rolle admin", "没有选项 --rolle，是否要用 --role"),
        ("token --role", "选项 --role 后面须写上内容"),
        ("forward", "缺少 SUBJECT（用法见 zaoying forward --help）"),
        ("forward QH202611240001", "缺少 DURATION"),
        ("audit explain QH202611240001", "缺少 LIMIT"),
        ("nosuch", "没有命令 nosuch（用法见 zaoying --help）"),
        ("audit nosuch", "没有命令 nosuch（用法见 zaoying audit --help）"),
        ("rehearse", "缺少 --period"),
        ("revoke-token", "--jti 与 --sub 须填且只填一项"),
    ],
)
def test_what_was_wrong_is_said_in_chinese(
    arguments: str, says: str | tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(arguments.split()) == 2
    told = capsys.readouterr()
    assert told.err.startswith(says)
    assert told.out == ""


def test_no_command_at_all_gets_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([]) == 2
    told = capsys.readouterr()
    assert "check-release" in told.out + told.err


def test_a_unit_is_named_by_name_or_id(
    capsys: pytest.CaptureFixture[str], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAOYING_HOME", str(tmp_path))
    assert _run(["token", "--role", "handler", "--unit", "市住建局"]) == 0
    assert capsys.readouterr().out.count(".") == 2
    assert _run(["token", "--role", "handler", "--unit", "市无此局"]) == 1
    assert capsys.readouterr().err == "“市无此局”不在组织目录中\n"


@pytest.mark.parametrize("said", ["ZZ-GD", "unit-ZZ-GD", "枣庄供电公司"])
def test_a_units_clock_is_moved_by_its_name_or_id(said: str) -> None:
    assert unit_id(said) == "ZZ-GD"


def test_a_unit_that_nobody_knows_is_asked_for_as_it_was_typed() -> None:
    assert unit_id("市无此局") == "市无此局"
