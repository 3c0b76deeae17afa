"""The options of a form's fields that depend on the city's data or on the claim."""

from collections.abc import Mapping, Sequence
from typing import Final

from calendar_rules import local_day
from claims.lookup import knowledge
from claims.lookup.directory import Candidate
from claims.model.labels import label
from claims.model.terms import Action
from records.attachments import Attachment
from service_layer.claims.dispatch_candidates import dispatch_candidates
from service_layer.clock import now
from service_layer.services import Services
from service_layer.views.claim import ClaimView
from web.claims.action_forms import FORMS
from web.claims.form_fields import FormField, Options

MOST_EXAMPLES: Final = 4


def options_for(
    services: Services, view: ClaimView, action: Action, attachments: Sequence[Attachment]
) -> dict[str, Options]:
    """Return the options of every source that the action's form names."""
    wanted = {field.source for field in FORMS[action] if field.source}
    found: dict[str, Options] = {}
    if "units" in wanted:
        found["units"] = _units_for(services, view)
    if "below" in wanted:
        found["below"] = _below(services, view)
    if "doors" in wanted:
        found["doors"] = [(entry.door.id, entry.door.name) for entry in services.doors]
    if "articles" in wanted:
        found["articles"] = _articles(services, view.matter)
    if "duplicates" in wanted:
        found["duplicates"] = [(one.number, one.number) for one in view.possible_duplicates]
    if "files" in wanted:
        found["files"] = [(one.id, one.file_name) for one in attachments if one.kind is None]
    return found


def handling_units(services: Services) -> Options:
    """Return every unit that a claim can be dispatched to."""
    return [(unit.id, unit.short) for unit in services.organisation.units if unit.handles]


def _units_for(services: Services, view: ClaimView) -> Options:
    """R53: a complaint goes to no unit that it is about, nor to one below it."""
    about, units = view.complained_of, handling_units(services)
    return [one for one in units if about is None or about not in services.organisation.path(one[0])]


def kinds(services: Services) -> Options:
    """R11: the plan's own kinds, each behind its category."""
    return [(kind.name, f"{label(kind.category)}：{kind.name}") for kind in services.subcategories]


def examples(services: Services) -> list[tuple[str, list[tuple[str, str]]]]:
    """R11: by category, the plan's own kinds, each with matters of the directory that belong to it."""
    matters = {entry.id: entry.matter for entry in services.directory}
    shown: dict[str, list[tuple[str, str]]] = {}
    for kind in services.subcategories:
        known = [*kind.also, *(matters[id] for id in kind.matters if id in matters)]
        shown.setdefault(label(kind.category), []).append((kind.name, "、".join(known[:MOST_EXAMPLES])))
    return list(shown.items())


def _below(services: Services, view: ClaimView) -> Options:
    lead = view.dispatches[-1].unit if view.dispatches else ""
    below = services.organisation.children(lead) if lead else ()
    return [(unit.id, unit.short) for unit in below if unit.handles]


def _articles(services: Services, matter: str) -> Options:
    """Return those that fit the matter first, then all others in force."""
    today = local_day(now())
    fitting = [hit.article for hit in knowledge.search(matter, services.knowledge, on=today)]
    articles = [one for one in services.knowledge if one.in_force(today)]
    ranked = sorted(articles, key=lambda one: fitting.index(one.id) if one.id in fitting else len(fitting))
    return [(one.id, f"{one.id}　{one.title}") for one in ranked]


def candidates_for(services: Services, view: ClaimView) -> list[Candidate]:
    """R14: ranked candidates for the dispatch, with reasons."""
    return dispatch_candidates(services, view.matter, view.district, most=4, complained_of=view.complained_of)


def articles_for(services: Services, matter: str) -> list[knowledge.Hit]:
    """R12: what the knowledge base has on a matter."""
    return knowledge.search(matter, services.knowledge, 3, on=local_day(now()))


def prefilled(view: ClaimView, action: Action, at: str) -> Mapping[str, Sequence[str]]:
    """Return the initial values of a form: the claim's own data."""
    given: dict[str, Sequence[str]] = {}
    for field in FORMS[action]:
        if field.source == "now":
            given[field.name] = [at]
        elif field.source == "contact" and not view.masked:
            given[field.name] = [view.contact]
    return given


def with_standard_texts(
    services: Services, action: Action, fields: Sequence[FormField]
) -> Sequence[FormField]:
    """Return the fields with the city's own standard texts beside those that they have."""
    today = local_day(now())
    known = [one for one in services.city.standard_texts if one.action is action and one.in_force(today)]
    texts = tuple(one.text for one in known)
    return [one._replace(standard=(*one.standard, *texts)) if one.standard else one for one in fields]
