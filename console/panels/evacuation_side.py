"""Beside the evacuation: who boards when, where people queue, other ways of doing it, what it asks of the island."""

from __future__ import annotations

from datetime import datetime

from console.i18n import say
from console.panels.cutoff_parts import Scale, near_clock, texts
from console.panels.evacuation_curve import HEIGHT, area, grid_of, line
from console.panels.figures import DOT, MINUS, NONE, clock, share
from console.panels.markup import Html, tag
from console.studies import Seen
from data.evacuation import EvacuationBaseline, EvacuationGroup, EvacuationPlan, EvacuationScenario, MusterPoint, Step
from data.geography import Region
from data.text import Language, Text

NOT_ASKED = Seen()


def evacuation_side_html(
    seen: Seen, scale: Scale | None, region: Region, now: datetime, language: Language, robust: Seen = NOT_ASKED
) -> Html:
    """Return the boarding order, the queues, the ways compared, the posts and what the plan assumes."""
    plan: EvacuationPlan | None = seen.answer.value if seen.answer is not None else None
    header = tag(
        "header",
        tag("b", say("evacuation.order", language)),
        tag("span", cls="spring"),
        tag("span", say("evacuation.by_plan", language), cls="dim cut"),
        cls="head",
    )
    if plan is None or scale is None:
        return tag("section", header, cls="room evaside")
    body = [
        _groups(plan, region, now, language),
        _queues(plan, scale, region, now, language),
        _ways(plan, region, now, language),
        _scenarios(robust, plan, region, now, language),
        _posts(plan, language),
        texts(say("evacuation.relaxes", language), plan.bound_relaxes, language),
        texts(say("study.assumptions", language), plan.assumptions, language),
    ]
    return tag("section", header, tag("div", *body, cls="rows"), cls="room evaside")


def _groups(plan: EvacuationPlan, region: Region, now: datetime, language: Language) -> Html:
    heads = ("place", "group", "persons", "call", "state")
    rows = [
        tag(
            "tr",
            tag("td", tag("b", str(one.order))),
            tag("td", _group_name(one, language), cls="cut"),
            tag("td", tag("b", f"{one.persons:,}"), cls="num"),
            tag("td", near_clock(one.called_at, now, region.timezone, language) if one.called_at else NONE, cls="num"),
            tag("td", _state(one, region, now, language), cls="cut"),
        )
        for one in sorted(plan.groups, key=lambda group: group.order)
    ]
    head = tag("tr", *(tag("th", say(f"evacuation.col_{name}", language)) for name in heads))
    return tag("table", tag("thead", head), tag("tbody", *rows), cls="groups")


def _group_name(group: EvacuationGroup, language: Language) -> Html:
    words = [say(f"evacuation.prio_{group.priority}", language)]
    if group.together:
        words.append(say("evacuation.together", language))
    return tag("span", group.name.said(language), " ", tag("small", DOT.join(words), cls="dim"))


def _state(group: EvacuationGroup, region: Region, now: datetime, language: Language) -> Html:
    """Return where a group should be by now, by the plan; those nobody takes are said first."""
    if group.remaining:
        return tag("span", say("evacuation.remaining", language, n=group.remaining), cls="loud")
    for name, moment in (("ashore", group.ashore_at), ("aboard", group.aboard_at), ("called", group.called_at)):
        if moment is not None and now >= moment:
            at = clock(moment, region.timezone)
            mark = "\u2713 " if name == "ashore" else ""
            return tag("span", f"{mark}{say(f'evacuation.state_{name}', language, at=at, min=group.walk_min)}")
    return tag("span", say("evacuation.state_waits", language), cls="dim")


def _queues(plan: EvacuationPlan, scale: Scale, region: Region, now: datetime, language: Language) -> Html:
    """Return, for each place people stand in, how many over time against what it holds."""
    rows = [
        _queue(one.name, _muster(one, language), one.waiting, one.peak, one.capacity, scale, now, language)
        for one in plan.musters
    ]
    for pier in plan.piers:
        if pier.role != "pick_up":
            continue
        state = say("evacuation.pier_open", language)
        if not pier.open:
            state = pier.closed_text.said(language) if pier.closed_text is not None else say("link.closed", language)
        elif pier.closes_at is not None:
            at = near_clock(pier.closes_at, now, region.timezone, language)
            state = say("evacuation.pier_closes", language, at=at)
        rows.append(_queue(pier.name, state, pier.steps, pier.peak, pier.capacity, scale, now, language))
    return tag("div", tag("div", say("evacuation.queues", language), cls="section"), *rows)


def _muster(one: MusterPoint, language: Language) -> str:
    return say("evacuation.muster", language, n=one.walk_min)


def _queue(
    name: Text,
    under: str,
    steps: tuple[Step, ...],
    peak: int,
    capacity: int | None,
    scale: Scale,
    now: datetime,
    language: Language,
) -> Html:
    top, _ = grid_of(max(peak, capacity or 0, 1))
    limit = ""
    if capacity is not None and capacity <= top:
        y = round(HEIGHT * (1 - capacity / top))
        limit = f'<path class="cap" d="M0 {y}h{round(scale.hours * 3600)}"/>'
    spark = Html(
        f'<svg class="curve spark" viewBox="0 0 {round(scale.hours * 3600)} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true"><path class="queue" d="{area(steps, scale, top)}"/>'
        f'<path class="waits" d="{line(steps, scale, top)}"/>{limit}</svg>'
    )
    present = max((one for one in steps if one.at <= now), key=lambda one: one.at, default=None)
    held = f"{present.persons:,}" if present is not None else NONE
    full = capacity is not None and peak > capacity
    words = say("evacuation.peak", language, peak=f"{peak:,}")
    if capacity is not None:
        words = say("evacuation.peak_of", language, peak=f"{peak:,}", capacity=f"{capacity:,}")
    return tag(
        "div",
        tag("span", tag("span", name.said(language), cls="cut"), tag("small", under, cls="dim cut"), cls="what"),
        tag("span", spark, cls="sparkbox"),
        tag("b", held, cls="num"),
        tag("small", words, cls="num loud" if full else "num dim"),
        cls="queuerow",
    )


def _ways(plan: EvacuationPlan, region: Region, now: datetime, language: Language) -> Html:
    heads = ("way", "complete", "later", "gap", "today")
    own = tag(
        "tr",
        tag("td", tag("b", say("evacuation.own", language))),
        tag("td", tag("b", _at(plan.complete_at, region, now, language)), cls="num"),
        tag("td", "0:00", cls="num"),
        tag("td", share(plan.gap), cls="num"),
        tag("td", f"{plan.ashore:,}", cls="num"),
        cls="own",
    )
    rows = [own, *(_way(one, region, now, language) for one in plan.baselines)]
    head = tag("tr", *(tag("th", say(f"evacuation.col_{name}", language)) for name in heads))
    return tag(
        "div",
        tag("div", say("evacuation.ways", language), cls="section"),
        tag("table", tag("thead", head), tag("tbody", *rows), cls="groups ways"),
    )


def _way(one: EvacuationBaseline, region: Region, now: datetime, language: Language) -> Html:
    later = NONE
    if one.later_min is not None:
        hours, minutes = divmod(abs(one.later_min), 60)
        later = f"{MINUS if one.later_min < 0 else '+'}{hours}:{minutes:02}"
    return tag(
        "tr",
        tag("td", one.name.said(language), cls="cut"),
        tag("td", _at(one.complete_at, region, now, language), cls="num"),
        tag("td", later, cls="num"),
        tag("td", NONE, cls="num"),
        tag("td", f"{one.persons_today:,}", cls="num"),
        title=one.text.said(language),
    )


def _at(moment: datetime | None, region: Region, now: datetime, language: Language) -> str:
    return say("evacuation.never", language) if moment is None else near_clock(moment, now, region.timezone, language)


def _scenarios(seen: Seen, plan: EvacuationPlan, region: Region, now: datetime, language: Language) -> Html | None:
    """Return how one plan made for all outlooks fares under each, and what acting now is worth."""
    answer = seen.answer
    found: EvacuationPlan | None = answer.value if answer is not None else plan if plan.robust else None
    title = tag("div", say("evacuation.scenarios", language), cls="section")
    if found is None:
        fault = answer.fault if answer is not None else None
        words = fault.said(language) if fault is not None else say("study.working", language) if seen.working else None
        return tag("div", title, tag("p", words, cls="note")) if words else None
    robust = found.robust
    if robust is None:
        return None
    heads = ("scenario", "holds", "complete", "bound", "left")
    rows = [_scenario(one, region, now, language) for one in robust.scenarios]
    head = tag("tr", *(tag("th", say(f"evacuation.col_{name}", language)) for name in heads))
    worst = _at(robust.worst_complete_at, region, now, language)
    words = [
        say("evacuation.robust_worst", language, at=worst, own=_at(plan.complete_at, region, now, language)),
        robust.bound_text.said(language),
    ]
    tonight = tag("p", tag("b", robust.tonight.text.said(language)), cls="note worth") if robust.tonight else None
    return tag(
        "div",
        title,
        tag("table", tag("thead", head), tag("tbody", *rows), cls="groups ways"),
        tag("p", DOT.join(words), cls="note"),
        tonight,
    )


def _scenario(one: EvacuationScenario, region: Region, now: datetime, language: Language) -> Html:
    name = one.name.said(language)
    if one.probability is not None:
        name = f"{name} {share(one.probability)}"
    stands = say(f"evacuation.{'holds' if one.holds else 'breaks'}", language)
    return tag(
        "tr",
        tag("td", name, cls="cut"),
        tag("td", stands, cls="num" if one.holds else "num loud"),
        tag("td", _at(one.complete_at, region, now, language), cls="num"),
        tag("td", _at(one.bound_at, region, now, language) if one.bound_at else NONE, cls="num"),
        tag("td", f"{one.remaining:,}", cls="num loud" if one.remaining else "num"),
        title="\n".join(text.said(language) for text in one.broken) or None,
    )


def _posts(plan: EvacuationPlan, language: Language) -> Html | None:
    """Return the posts the plan asks of the island's own people, with the way to its page."""
    if not plan.posts or not plan.island_ids:
        return None
    people = sum(one.people for one in plan.posts)
    words = say("evacuation.posts", language, n=len(plan.posts), people=people)
    names = say("list.comma", language).join(dict.fromkeys(one.name.said(language) for one in plan.posts))
    door = tag(
        "button",
        say("evacuation.to_island", language),
        type="button",
        cls="btn small",
        data_act="open-island",
        data_id=plan.island_ids[0],
        aria_label=say("evacuation.to_island", language),
    )
    return tag(
        "div",
        tag("span", tag("b", words), " ", tag("span", names, cls="dim"), cls="cut"),
        door,
        cls="posts",
        title=names,
    )
