"""The summary of a unit's account in the Temporal UI."""

import pytest

from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.unit_account import UnitAccount
from claims.units.ui_summary import unit_ui_summary
from tests.support.claims.offline_unit_account import Account, light
from tests.support.claims.people import SUPERVISOR, WATER

NOTHING_YET = """\
## 市城乡水务局

**亮牌**
"""
TWO_LIGHTS_OF_THREE_COUNT = """\
## 市城乡水务局

**亮牌**

- 🟡 2026-11-16 00:00　工单QH2026-11-16　核实时限
- 🟡 2026-11-17 00:00　工单QH2026-11-17　核实时限（已撤销）
- 🟡 2026-11-18 00:00　工单QH2026-11-18　核实时限

**约谈与问责**

- 约谈（已撤销）1个月内连续两次黄灯：QH2026-11-16（2026-11-16 00:00）、QH2026-11-17（2026-11-17 00:00）　时限 2026-11-24 24:00
- 约谈（待办理）1个月内连续两次黄灯：QH2026-11-16（2026-11-16 00:00）、QH2026-11-18（2026-11-18 00:00）　时限 2026-11-25 24:00"""


def test_an_account_without_a_name_goes_by_its_units_id_and_has_no_part_for_measures() -> None:
    named = UnitAccount(unit=WATER, name="市城乡水务局")
    assert unit_ui_summary(named) == NOTHING_YET
    assert unit_ui_summary(UnitAccount(unit=WATER)).startswith(f"## {WATER}\n")


@pytest.mark.rule("R35")
def test_lights_stand_in_their_order_the_revoked_as_such_and_below_them_what_they_brought() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Tue 2026-11-17"))
    revoked = account.account.lights["QH2026-11-17/1/0/contact/yellow"]
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=revoked.id, reason="系统故障")
    account.post(light("Wed 2026-11-18"))
    assert unit_ui_summary(account.account) == TWO_LIGHTS_OF_THREE_COUNT
