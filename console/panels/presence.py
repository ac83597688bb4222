"""Who is on: how many in the top band, who holds an incident in its row and case, all of them in a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from console.i18n import say
from console.panels.drawers import drawer
from console.panels.markup import Html, button, tag
from console.permits import ROLE_WORDS
from console.presence import holders_of, works
from data.incidents import Incident
from data.journal.shared import SeatSeen
from data.text import Language


def seats_button(seats: Sequence[SeatSeen], language: Language) -> Html:
    """Return the count of seats that are on; their names on hover, all of them in its drawer."""
    names = say("list.comma", language).join(dict.fromkeys(seat.name for seat in seats))
    words = say("presence.on", language, count=len(seats))
    label = f"{words}: {names}" if names else words
    return button(words, "drawer", cls="quiet", label=label, value="seats")


def holders_words(seats: Sequence[SeatSeen], incident_id: str, own_seat_id: str, language: Language) -> str:
    """Return who else is at an incident, the first of those who work on it named as its holder; "" for nobody."""
    holders = holders_of(seats, incident_id)
    others = [seat.name for seat in holders if seat.seat_id != own_seat_id]
    if not others:
        return ""
    comma = say("list.comma", language)
    if holders[0].seat_id == own_seat_id or not works(holders[0]):
        return say("presence.also", language, names=comma.join(others))
    first = say("presence.holds", language, name=others[0])
    also = [say("presence.also", language, names=comma.join(others[1:]))] if others[1:] else []
    return comma.join([first, *also])


def seats_html(
    seats: Sequence[SeatSeen],
    incidents: Mapping[str, Incident],
    own_seat_id: str,
    wall_now: datetime,
    language: Language,
) -> Html:
    """Return every seat that is on: account, role, console, and which incident it has held for how long."""
    rows = []
    for seat in seats:
        incident = incidents.get(seat.incident_id or "")
        minutes = max(0, int((wall_now - seat.since).total_seconds() // 60))
        held = say("presence.held", language, number=incident.number, minutes=minutes) if incident else ""
        own = tag("span", say("presence.here", language), cls="tagged") if seat.seat_id == own_seat_id else None
        rows.append(
            tag(
                "div",
                tag("span", tag("b", seat.name), " · ", ROLE_WORDS[seat.role].said(language), " ", own),
                tag("span", f"{seat.console} {held}", cls="dim"),
                cls="seat-on",
                role="listitem",
                data_key=f"seat-{seat.seat_id}",
            )
        )
    body = tag("div", *rows, role="list") if rows else tag("p", say("presence.nobody", language), cls="note")
    return drawer(say("presence.title", language), language, body, tag("p", say("presence.note", language), cls="note"))
