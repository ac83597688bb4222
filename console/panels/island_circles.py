"""The smallest combat unit of an island: who is at each point in one minute and in three, and what closes the gaps."""

from __future__ import annotations

from console.i18n import say
from console.panels.cutoff_parts import texts
from console.panels.figures import DOT, span
from console.panels.markup import Html, tag
from console.studies import Seen
from data.circles import CircleKind, CircleReport, PointCover, Post, Posting
from data.text import Language, Text

KINDS: tuple[CircleKind, ...] = ("self_help", "mutual_help")


def circles_html(seen: Seen, report: CircleReport | None, names: dict[str, Text], language: Language) -> Html:
    """Return the coverage of both circles, each gap with who is nearest, and the posts that close gaps.

    ``names`` are those of the island's teams, by id.
    """
    title = tag("div", say("circles.title", language), cls="section")
    if report is None:
        fault = seen.answer.fault if seen.answer is not None else None
        words = fault.said(language) if fault is not None else say("study.working", language)
        return tag("div", title, tag("p", words, cls="note"))
    if not report.points:
        return tag("div", title, tag("p", say("circles.no_points", language), cls="note"))
    by_kind = {one.kind: one for one in report.postings}
    parts = [part for kind in KINDS for part in _kind(kind, report, by_kind.get(kind), names, language)]
    return tag("div", title, *parts, texts(say("circles.assumptions", language), report.assumptions, language))


def _kind(
    kind: CircleKind, report: CircleReport, posting: Posting | None, names: dict[str, Text], language: Language
) -> list[Html]:
    gaps = report.gaps(kind)
    held = len(report.points) - len(gaps)
    words = say("circles.covered", language, held=held, points=len(report.points))
    head = tag(
        "div",
        tag("b", say(f"circles.{kind}", language)),
        tag("span", words, cls="dim cut"),
        tag("b", say("circles.gaps", language, n=len(gaps)) if gaps else "\u2713", cls="num loud" if gaps else "num"),
        cls="lackrow",
    )
    rows = [_gap(one, kind, names, language) for one in gaps]
    points = {one.point.id: one.point.name for one in report.points}
    posts = [_post(one, points, names, language) for one in posting.posts] if posting is not None else []
    left = [points[one].said(language) for one in posting.left if one in points] if posting is not None else []
    if left:
        listed = say("list.comma", language).join(left)
        posts.append(tag("p", say("circles.left", language, names=listed), cls="loud"))
    return [head, *rows, *posts]


def _gap(one: PointCover, kind: CircleKind, names: dict[str, Text], language: Language) -> Html:
    seconds = one.self_help_s if kind == "self_help" else one.mutual_help_s
    by = one.self_help_by if kind == "self_help" else one.mutual_help_by
    nearest = say("circles.nobody", language)
    if seconds is not None:
        who = names[by].said(language) if by in names else by or ""
        nearest = say("circles.nearest", language, who=who, t=span(seconds))
    return tag(
        "div",
        tag("span", "\u25a1 ", one.point.name.said(language), cls="cut"),
        tag("span", nearest, cls="dim cut"),
        tag("span", say(f"circles.point_{one.point.kind}", language), cls="num dim"),
        cls="lackrow gap",
        title=one.point.source,
    )


def _post(one: Post, points: dict[str, Text], names: dict[str, Text], language: Language) -> Html:
    closes = say("list.comma", language).join(points[each].said(language) for each in one.closes if each in points)
    sender = names[one.from_team_id].said(language) if one.from_team_id in names else say("circles.no_team", language)
    what = say("circles.post", language, place=one.place.name.said(language), people=one.people)
    return tag(
        "div",
        tag("span", "\u25cf ", what, cls="cut"),
        tag("span", DOT.join([sender, say("circles.closes", language, names=closes)]), cls="dim cut"),
        tag("span"),
        cls="lackrow",
        title=say("circles.a_day", language, teams=one.teams_a_day),
    )
