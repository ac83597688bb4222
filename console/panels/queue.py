"""The incident queue: what waits, oldest first in priority, and what each waits for next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import DOT
from console.panels.markup import Html, button, incident_mark, join, room, tag
from console.panels.presence import holders_words
from console.panels.timers import Due, countdown, diverted_due, elapsed, order_due, unassigned_due
from data.geography import Region
from data.incidents import OPEN_STATUSES, Incident
from data.journal.shared import SeatSeen
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture


# States in which nothing more is waited for.
SETTLED = frozenset({"handled", "fed_back", "closed"})


def queue_rows(picture: Picture) -> list[Incident]:
    """Return the open incidents by priority, oldest first in each."""
    waiting = [incident for incident in picture.incidents.values() if incident.status in OPEN_STATUSES]
    return sorted(waiting, key=lambda incident: (incident.priority, incident.reported_at, incident.id))


def incident_due(incident: Incident, picture: Picture) -> Due | None:
    """Return what an incident waits for next.

    A diverted call has limits of its own; one without orders waits for its first; then the most urgent
    unit still to come; and once all are there, the report back.
    """
    if incident.priority == 4:
        return diverted_due(incident)
    if incident.status in SETTLED:
        return None
    orders = [order for order in picture.orders.values() if order.incident_id == incident.id]
    if not orders:
        return unassigned_due(incident)
    coming: list[Due] = []
    there: list[Due] = []
    for order in orders:
        unit = picture.units.get(order.unit_id)
        if unit is None:
            continue
        if due := order_due(order, picture.accepted.get(order.plan_id), unit.status, unit.status_at):
            (there if unit.status == "on_scene" else coming).append(due)
    if coming:
        return min(coming, key=lambda due: due.at)
    return max(there, key=lambda due: due.at, default=None)


def queue_html(
    picture: Picture,
    region: Region,
    now: datetime,
    selected_id: str | None,
    language: Language,
    *,
    can_act: bool = True,
    seats: Sequence[SeatSeen] = (),
    own_seat_id: str = "",
) -> Html:
    """Return the queue: waiting incidents, then diverted calls, then a count of what is closed."""
    waiting = queue_rows(picture)
    assigned = Counter(unit.incident_id for unit in picture.units.values() if unit.incident_id)
    police = [incident for incident in waiting if incident.priority < 4]
    diverted = [incident for incident in waiting if incident.priority == 4]

    def holders(incident_id: str) -> str:
        return holders_words(seats, incident_id, own_seat_id, language)

    def row(incident: Incident) -> Html:
        units, selected = assigned[incident.id], incident.id == selected_id
        return _row(incident, picture, region, now, units, selected, language, holders(incident.id))

    unassigned = sum(not assigned[incident.id] for incident in waiting)
    head = join(
        [
            tag("b", say("queue.title", language)),
            tag("span", say("queue.count", language, count=len(waiting)), cls="dim"),
            tag("span", say("queue.unassigned", language, count=unassigned), cls="dim cut wide"),
            tag("span", cls="spring"),
            button("\uff0b " + say("queue.new", language), "new-incident", key="N") if can_act else None,
        ]
    )
    closed = len(picture.incidents) - len(waiting)
    body = [
        tag("p", say("queue.empty", language), cls="note") if not waiting else None,
        *(row(incident) for incident in police),
        tag("div", say("queue.diverted", language), cls="section") if diverted else None,
        *(row(incident) for incident in diverted),
        tag("p", say("queue.closed", language, count=closed), cls="note") if closed else None,
    ]
    return room("queue", head, tag("div", *body, cls="rows", role="list"))


def _row(
    incident: Incident,
    picture: Picture,
    region: Region,
    now: datetime,
    units: int,
    selected: bool,
    language: Language,
    held: str,
) -> Html:
    island = region.islands.get(incident.island_id)
    place = island.name.said(language) if island else incident.island_id
    due = incident_due(incident, picture)
    if due:
        waits = countdown(due.at, now, language, prefix=say(due.words, language))
    elif units:
        waits = tag("span", say(f"incident_status.{incident.status}", language), cls="dim")
    else:
        waits = tag("span", say("queue.no_units", language), cls="dim")
    # Who holds it comes first: a narrow row cuts off the end, and the place is on the map and in the case too.
    where = DOT.join(filter(None, [held, f"{place} \u00d7{units}" if units else place]))
    return tag(
        "button",
        incident_mark(incident.priority),
        tag(
            "span",
            tag(
                "span",
                tag("b", incident.title.said(language), cls="cut"),
                elapsed(incident.reported_at, now, cls="since"),
                cls="line1",
            ),
            tag(
                "span",
                tag("span", where, cls="cut sub", title=where),
                waits,
                cls="line2",
            ),
            cls="two",
        ),
        type="button",
        role="listitem",
        cls="incident on" if selected else "incident",
        data_act="select-incident",
        data_id=incident.id,
        data_key=f"incident-{incident.id}",
        aria_pressed="true" if selected else "false",
        aria_label=f"{say(f'priority.{incident.priority}', language)} {incident.number} "
        f"{incident.title.said(language)} {place} {held}".strip(),
    )
