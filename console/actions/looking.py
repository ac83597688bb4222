"""Acts that change only what one seat sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.registry import OWN_VIEW, Message, Needs, act, execute, moment_of
from console.commands import RejectPlan, ReportIncident, SetClock
from console.decide.places import spot_named
from console.decide.texts import read_id, read_place, read_search
from console.panels.alternatives import ALTERNATIVES
from console.permits import Query
from console.seat import Seat
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

LOG_PARTS: tuple[Query, ...] = ("see_log", "see_access")
# The drawers there are, each with what it needs to be opened.
DRAWERS: dict[str, Needs] = {
    "": OWN_VIEW,
    "help": OWN_VIEW,
    "nearest": OWN_VIEW,
    "account": OWN_VIEW,
    "seats": "see_presence",
    "log": LOG_PARTS,
    "new-incident": ReportIncident,
    "change": "ask_plan",
    "reject": RejectPlan,
    "scenarios": "restart_scenario",
}


@act("select-incident", OWN_VIEW)
def select_incident(seat: Seat, world: World, message: Message) -> None:
    """Select an incident; selecting it again shows it on the map, and once more goes back."""
    incident_id = read_id(str(message["id"]))
    again = seat.selected_incident_id == incident_id
    seat.param.update(selected_incident_id=incident_id, selected_unit_id=None)
    if seat.drawer in {"change", "reject"}:
        seat.drawer = ""
    incident = seat.picture.incidents.get(incident_id)
    if again and incident is not None and seat.map is not None:
        seat.map.toggle_goto(incident.lon_deg, incident.lat_deg)


@act("select-unit", OWN_VIEW)
def select_unit(seat: Seat, world: World, message: Message) -> None:
    """Select a unit; selecting it again shows it on the map, and once more goes back."""
    unit_id = read_id(str(message["id"]))
    again = seat.selected_unit_id == unit_id
    seat.selected_unit_id = unit_id
    unit = seat.picture.units.get(unit_id)
    if again and unit is not None and seat.map is not None:
        seat.map.toggle_goto(unit.lon_deg, unit.lat_deg)


@act("unit-search", OWN_VIEW)
def unit_search(seat: Seat, world: World, message: Message) -> None:
    """Keep only the units whose call sign or place holds the words."""
    seat.unit_search = read_search(str(message.get("value", "")))


@act("choose-alternative", OWN_VIEW)
def choose_alternative(seat: Seat, world: World, message: Message) -> None:
    """Look at another of the alternatives."""
    if message["value"] in ALTERNATIVES:
        seat.alternative = message["value"]


@act("language", OWN_VIEW)
def language(seat: Seat, world: World, message: Message) -> None:
    """Speak the other language, or the one named."""
    other = "en" if seat.language == "zh" else "zh"
    seat.language = message["value"] if message.get("value") in ("zh", "en") else other


@act("theme", OWN_VIEW)
def theme(seat: Seat, world: World, message: Message) -> None:
    """Change to the other theme, or the one named."""
    other = "light" if seat.theme == "dark" else "dark"
    seat.theme = message["value"] if message.get("value") in ("dark", "light") else other


@act("layer", OWN_VIEW)
def layer(seat: Seat, world: World, message: Message) -> None:
    """Switch a map layer."""
    name = str(message["value"])
    shown = bool(message["checked"]) if "checked" in message else not seat.layers.get(name, False)
    seat.layers = {**seat.layers, name: shown}


@act("refit", OWN_VIEW)
def refit(seat: Seat, world: World, message: Message) -> None:
    """Show the whole region again and let the map follow the work."""
    seat.view_locked = False
    if seat.map is not None:
        seat.map.refit()


@act("goto", OWN_VIEW)
def goto(seat: Seat, world: World, message: Message) -> None:
    """Show a place on the map; a name nobody bears is refused in words."""
    spot = spot_named(read_place(str(message["value"])), world.region)
    if seat.map is not None:
        seat.map.goto(spot.lon_deg, spot.lat_deg)


@act("drawer", OWN_VIEW, by_value=DRAWERS)
def drawer(seat: Seat, world: World, message: Message) -> None:
    """Open a drawer, or close it; the one that is open closes when asked for again."""
    wanted = str(message.get("value", ""))
    if wanted in DRAWERS:
        if wanted == "log" and seat.drawer != "log":
            _note_log(seat)
        seat.param.update(drawer="" if wanted == seat.drawer else wanted, picking=False)


def _note_log(seat: Seat) -> None:
    """The log is noted once an opening, for each part of it that this seat is shown."""
    for query in LOG_PARTS:
        if seat.service.may(seat.principal, query):
            seat.service.ask(query, seat.principal)


@act("new-incident", ReportIncident, orders=True)
def new_incident(seat: Seat, world: World, message: Message) -> None:
    """Open an empty form for a new incident."""
    seat.param.update(drawer="new-incident", draft={}, picking=False)


@act("pick-on-map", ReportIncident, orders=True)
def pick_on_map(seat: Seat, world: World, message: Message) -> None:
    """Let the next tap on the map give the form its place."""
    seat.picking = True
    seat.say(Text(zh="请在地图上点选位置。", en="Tap the place on the map."))


@act("map-click", OWN_VIEW)
def map_click(seat: Seat, world: World, message: Message) -> None:
    """Take a tapped point into the form of a new incident when one is waited for; else let go of the unit."""
    if seat.picking and seat.can_act:
        draft = {**seat.draft, "lon": f"{float(message['lon']):.5f}", "lat": f"{float(message['lat']):.5f}"}
        seat.param.update(drawer="new-incident", draft=draft, picking=False)
    else:
        seat.selected_unit_id = None


@act("replay-seek", "replay")
def replay_seek(seat: Seat, world: World, message: Message) -> None:
    """Look at the picture as it was known at a moment of this journal."""
    _note_replay(seat)
    start = world.picture.start_at or world.clock.now()
    moment = min(max(moment_of(message["value"]), start), world.clock.now())
    world.picture_at(moment)  # a store that is silent is told of here, before anything is drawn from it
    seat.param.update(replay_at=moment, playing=False)


def _note_replay(seat: Seat) -> None:
    """A replay is written into the access journal when it is opened, not at each step."""
    seat.service.ask("replay", seat.principal, noted=seat.replay_at is None)


@act("replay-play", "replay")
def replay_play(seat: Seat, world: World, message: Message) -> None:
    """Let the replayed moment move on by itself, from the start when it stands at now; or hold it."""
    _note_replay(seat)
    now = world.clock.now()
    if seat.playing:
        seat.playing = False
    else:
        moment = seat.replay_at or world.picture.start_at or now
        world.picture_at(moment)
        seat.param.update(replay_at=moment, playing=True)


@act("replay-live", OWN_VIEW)
def replay_live(seat: Seat, world: World, message: Message) -> None:
    """Come back to now, and to the picture of the whole."""
    seat.param.update(replay_at=None, playing=False, view="operate")


@act("clock-speed", SetClock, orders=True)
def clock_speed(seat: Seat, world: World, message: Message) -> None:
    """Pause or hurry a drill's clock, for all seats."""
    execute(seat, SetClock(speed=float(message["value"])), message)
