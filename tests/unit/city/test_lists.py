"""The directory of doors (R13) and the kinds of each category (R11): complete, and found by their names."""

import pytest

import data
from claims.lookup.doors import decline_reason, find_door
from claims.lookup.subcategories import find_subcategory
from claims.model.labels import label
from claims.model.terms import Category, DeclineReason


@pytest.mark.rule("R13")
@pytest.mark.parametrize("reason", DeclineReason)
def test_every_reason_has_a_right_door_and_is_found_by_code_and_name(reason: DeclineReason) -> None:
    assert any(reason in entry.reasons for entry in data.load_doors())
    assert decline_reason(reason.value) is decline_reason(f" {label(reason)} ") is reason


@pytest.mark.rule("R13")
def test_emergencies_go_to_the_four_numbers() -> None:
    doors = {entry.id for entry in data.load_doors() if DeclineReason.EMERGENCY in entry.reasons}
    assert doors == {"110", "119", "120", "122"}


@pytest.mark.rule("R13")
def test_a_door_is_found_by_id_name_and_other_names() -> None:
    for text in ("court", "受理案件的人民法院（12368）", "受理案件的人民法院(12368)", "法院"):
        door = find_door(text, data.load_doors())
        assert door is not None
        assert door.id == "court"
    assert find_door("以后再说", data.load_doors()) is None
    assert decline_reason("太忙了") is None


@pytest.mark.rule("R11")
def test_the_samples_have_kinds_of_their_categories() -> None:
    for sample in data.load_sample_claims():
        kind = find_subcategory(sample.subcategory, sample.category, data.load_subcategories())
        assert kind is not None
        assert kind.name == sample.subcategory


@pytest.mark.rule("R11")
def test_a_kind_of_another_category_is_none() -> None:
    kinds = data.load_subcategories()
    assert find_subcategory("help-factors", Category.CONSULTATION, kinds) is None
