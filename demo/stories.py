"""The 25 stories: what happens to each sample claim, and how it must end."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from demo.case import Case
from demo.scenarios import (
    answer_disliked,
    answered,
    arbitrated,
    assisted,
    declined,
    delegated,
    dissatisfied_once,
    dissatisfied_twice,
    extended,
    handled,
    handled_the_same_day,
    late_contact,
    late_reply,
    not_extended,
    objected_and_arbitrated,
    returned_and_confirmed,
    returned_and_redetermined,
    unresolved,
    untouched,
    withdrawn,
)

Scenario = Callable[[Case], Awaitable[None]]


class Story(NamedTuple):
    """A scenario, its title for readers, and the expected end: stage or close reason, lights, dispatches."""

    name: str
    scenario: Scenario
    ends: str
    lights: tuple[str, ...] = ()
    dispatches: int = 1


Y_CONTACT, Y_REPLY, Y_RESOLVE = "contact/yellow", "reply/yellow", "resolve/yellow"
R_CONTACT, R_REPLY, R_RESOLVE = "contact/red", "reply/red", "resolve/red"

STORIES: Final[Mapping[int, Story]] = MappingProxyType(
    {
        1: Story("即时答复", answered, "answered", dispatches=0),
        2: Story("即时答复不满意，转派单", answer_disliked, "satisfied"),
        3: Story("派单办结", handled, "satisfied"),
        4: Story("首接牵头、协办配合", assisted, "satisfied"),
        5: Story("退单，维持原单位", returned_and_confirmed, "satisfied"),
        6: Story("延期至25个工作日", extended, "satisfied"),
        7: Story("核实超期：函、黄灯", late_contact, "satisfied", (Y_CONTACT,)),
        8: Story("企业撤回", withdrawn, "withdrawn"),
        9: Story("延期未获同意，按期办结", not_extended, "satisfied"),
        10: Story("退单，改派", returned_and_redetermined, "satisfied", dispatches=2),
        11: Story("两次退单，裁定", objected_and_arbitrated, "satisfied", dispatches=3),
        12: Story("退单，提请裁定", arbitrated, "satisfied", dispatches=2),
        13: Story("不予受理", declined, "declined", dispatches=0),
        14: Story("签约项目，多单位延期", extended, "satisfied"),
        15: Story("派单办结", handled, "satisfied"),
        16: Story("答复超期：黄灯、红灯", late_reply, "satisfied", (Y_REPLY, R_REPLY)),
        17: Story("解决超期：黄灯、红灯、转督导", unresolved, "satisfied", (Y_RESOLVE, R_RESOLVE)),
        18: Story("派单办结", handled, "satisfied"),
        19: Story("不满意一次，重办", dissatisfied_once, "satisfied"),
        20: Story("派单办结", handled, "satisfied"),
        21: Story("派单办结", handled, "satisfied"),
        22: Story("区转部门办理", delegated, "satisfied"),
        23: Story("不满意两次，审核责成，通报", dissatisfied_twice, "verified"),
        24: Story("无人办理：两黄两红", untouched, "satisfied", (Y_CONTACT, Y_REPLY, R_CONTACT, R_REPLY)),
        25: Story("当天办结", handled_the_same_day, "satisfied"),
    }
)
