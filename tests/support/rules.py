"""The rules cited in code, journal and tests, in the order of docs/requirements.md."""

from typing import Final, NamedTuple


class Rule(NamedTuple):
    """One rule: its id, its place in the plan, a summary, and whether the system already implements it."""

    id: str
    plan: str
    line: str
    built: bool = True


class Chapter(NamedTuple):
    """Rules that belong together."""

    title: str
    rules: tuple[Rule, ...]


CHAPTERS: Final = (
    Chapter(
        "Who acts",
        (
            Rule(
                "§1",
                "二.一, 三.一",
                "Each role may do its own acts and no others; a unit sees its own claims",
            ),
        ),
    ),
    Chapter(
        "Clocks",
        (
            Rule(
                "R1",
                "二.四",
                "Working days are China's, make-up days included; an unpublished year is provisional",
            ),
            Rule("R2", "二.四", "The day of the starting act is day 0; day 1 is the next working day"),
            Rule("R3", "二.四 ◇", "A limit ends when its last day ends, or at a close of business"),
            Rule("R4", "二.四 ◇", "A unit's clocks start at delivery, not at its signing for it"),
            Rule("R5", "二.三.2 ◇", "A return stops every clock of its dispatch; at least one day is left"),
            Rule("R6", "二.四 ◇", "A limit is fixed on record; only a recorded recomputation moves it"),
            Rule(
                "R7",
                "二.四 ◇",
                "Numbers and switches change by published editions alone; an open claim adopts one on record",
            ),
            Rule(
                "R8",
                "二.四 ◇",
                "A channel or a category may have its own numbers; of two, the stricter applies",
            ),
            Rule("§二.四.1", "二.四.1", "The unit contacts the enterprise within 1 working day"),
            Rule("§二.四.2", "二.四.2", "It replies within 2 working days and resolves within 10"),
        ),
    ),
    Chapter(
        "From registration to closing",
        (
            Rule(
                "R10",
                "二.三.1",
                "A work order holds what was said; the same channel number twice is one claim",
            ),
            Rule("R11", "二.二", "Four categories: consultation, help, suggestion, complaint"),
            Rule(
                "R12",
                "二.三.2",
                "A consultation is answered at once from the knowledge base, the article cited",
            ),
            Rule("R13", "二.三.2 ◇", "What is not accepted is declined with the reason and the right door"),
            Rule(
                "R14", "二.三.2", "Dispatched from the directory to one lead unit, on which alone clocks run"
            ),
            Rule("R15", "二.三.2", "A return is complete, signed and within its window, or is refused"),
            Rule(
                "R16",
                "二.三.2 ◇",
                "One objection more goes to the arbiter, who is final; at most 3 dispatches",
            ),
            Rule(
                "R17", "二.四.2", "One extension to 25 working days in total, asked for before the limit ends"
            ),
            Rule("R18", "二.四.3", "Feedback is complete, or is sent back with at least 1 working day"),
            Rule("R19", "二.四.2", "What can be solved the same day is: a measure, no limit"),
            Rule(
                "R20", "二.三.2", "A unit's named recipients are told at once; signing for it shows its delay"
            ),
            Rule("R21", "二.一.1", "City, district, town: the delegate may act, the district answers for it"),
            Rule("R22", "二.三.2 ◇", "A co-unit signs for its part and reports it; late: counted, no light"),
        ),
    ),
    Chapter(
        "Supervision",
        (
            Rule(
                "R29", "◇", "Words about limits reach people in office hours, or at once where they chose so"
            ),
            Rule("R30", "二.五.2 ◇", "A unit is warned 1 working day before a limit ends"),
            Rule("R31", "二.五.2", "A missed limit: letter and yellow light, dated at the instant it ended"),
            Rule("R32", "二.五.2", "1 working day later still no feedback: red light, reminders, escalation"),
            Rule("R33", "二.五.2 ◇", "The light is the accountable unit's; who caused it is named inside"),
            Rule(
                "R34",
                "二.五.2",
                "Twice in a month: two lights of a colour, of two incidents, used up by a pair",
            ),
            Rule("R35", "二.五.2", "Two yellow lights: an interview with the head, within 5 working days"),
            Rule("R36", "二.五.2", "Two red lights: an accountability file; people decide its steps"),
            Rule(
                "R37",
                "二.五.2 ◇",
                "A supervisor revokes a light with a reason; it stays visible, the count is new",
            ),
            Rule("R38", "三.一", "What falls on a unit is copied to the coordinators and the inspectors"),
            Rule(
                "R39",
                "二.五.1",
                "The enterprise sees where its claim stands, and nothing that is not its own",
            ),
        ),
    ),
    Chapter(
        "After the unit's feedback",
        (
            Rule("R40", "二.五.3", "One claim, one evaluation: five grades; resolved? contacted?"),
            Rule(
                "R41", "二.五.3 ◇", "Nobody reached: three calls on two days, a link, closed as unreachable"
            ),
            Rule("R42", "二.六.1", "Satisfied: closed"),
            Rule("R43", "二.五.3", "Dissatisfied: back to the unit the same day, 5 working days"),
            Rule(
                "R44", "二.六.2", "Twice dissatisfied: the signed and sealed form, verified by the platform"
            ),
            Rule(
                "R45", "二.六.2, 二.六.3", "Ordered completion; missed: criticism and an accountability file"
            ),
            Rule("R46", "二.五.1 ◇", "The enterprise may remind and supplement; no clock starts anew"),
            Rule("R47", "◇", "Withdrawal is confirmed by a call; lights stay"),
            Rule(
                "R48",
                "◇",
                "A duplicate is merged into the open claim as a reminder, once that has taken it over; later words reach it",
            ),
            Rule(
                "R49",
                "二.三.1 ◇",
                "A call with several matters is split before dispatch; each gets its number",
            ),
            Rule(
                "R52",
                "二.六.3",
                "False feedback, checked and confirmed: criticism and an accountability file",
            ),
            Rule(
                "R53",
                "◇",
                "A complaint never goes to the unit that it is about, nor who complained to its people",
            ),
            Rule("R54", "◇", "Contact data to those who handle the claim, while they do"),
        ),
    ),
    Chapter(
        "Assessment",
        (
            Rule("R60", "三.三", "Measures by the due date's period, for each unit and district"),
            Rule(
                "R61", "三.三 ◇", "A score of 0 to 100 from them, penalties and bonus; ranks in three groups"
            ),
            Rule(
                "R62",
                "三.三",
                "Monthly, quarterly, half-yearly and yearly editions: drafted, objected to, published, corrected",
            ),
            Rule("R63", "二.一.1", "The joint meeting's agenda, its decisions, followed until they are done"),
            Rule("R64", "三.三", "Clues of secret visits, their transfer, read by inspectors alone"),
            Rule("R65", "◇", "An excluded claim leaves its unit's figures; its lights stay"),
            Rule("R66", "◇", "Daily and weekly briefs: inflow, what grows, what is late, what stands still"),
        ),
    ),
    Chapter(
        "Keeping",
        (
            Rule(
                "R70",
                "◇",
                "Papers are kept 10 years, histories archived unaltered, phone numbers masked, readings logged",
            ),
        ),
    ),
)
RULES: Final = {rule.id: rule for chapter in CHAPTERS for rule in chapter.rules}
