"""One seat's page: builds the frame, wires seat, map, regions and bridge, and keeps them in step with the world."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import bokeh
from bokeh.core.templates import get_env

from console.actions import handle
from console.assets import assets_version, read_asset
from console.bridge import Bridge
from console.causes import causes_of
from console.health import Answer, Health, health_band, health_over
from console.html_view import ViewSet
from console.i18n import both
from console.map import furniture
from console.page_views import VIEWS, passing
from console.seat import Seat
from console.studies import study_desk
from console.study_views import focus_of
from console.theme import theme_sheet

if TYPE_CHECKING:
    from bokeh.document import Document
    from jinja2 import Template

    from console.map.view import MapView
    from console.planning import PlanJob
    from data.journal.events import Recorded

STALE_MS = 4000
MINUTE_EVERY_S = 2.0  # a world minute may pass in a real second; the page looks no oftener than this
PLAY_EVERY_MS = 500
PLAY_MIN_PER_S = 10.0  # world minutes a replay plays in a second
GATHER_MS = 250  # changes made elsewhere are gathered this long, so that a busy simulator draws once
HEARD_KEPT = 64  # presses remembered, so that none is done twice
MAP_CAUSES = frozenset({"picture", "incidents", "units", "plans", "weather", "layers", "replay_at", "minute"})
# What changes what a page of islands wants of the map.
STUDY_MAP_CAUSES = frozenset({"view", "island_id", "studies_seen", "language", "picture", "replay_at", "minute"})
WORDS = {
    "reasons": {"zh": "原因", "en": "Why"},
    "lost": {
        "zh": "连接中断，上一操作可能未送达。请核对后重做。",
        "en": "The connection was lost: your last press may not have arrived. Look, then press again.",
    },
    "undo": {"zh": "撤销", "en": "Undo"},
    "stale": {
        "zh": "数据陈旧 {t} s：与服务器失去联系，恢复后自动刷新",
        "en": "DATA STALE {t} s: no word from the server; the page comes back by itself",
    },
}
TITLES = {"zh": "同舟", "en": "Tongzhou"}


@cache
def frame_template() -> Template:
    """Return the page's own template."""
    return get_env().from_string(files("console").joinpath("frame.html").read_text("utf-8"))


def replay_step(at: datetime, now: datetime) -> datetime | None:
    """Return the moment a playing replay goes to next, None once that is the present."""
    following = at + timedelta(minutes=PLAY_MIN_PER_S * PLAY_EVERY_MS / 1000)
    return following if following < now else None


class Page:
    """Everything of one open page; lives as long as its Bokeh session."""

    def __init__(
        self,
        seat: Seat,
        map_view: MapView,
        doc: Document,
        on_activity: Callable[[Seat], None],
        refuses: Callable[[dict[str, Any]], bool],
    ) -> None:
        self.seat, self.map, self._doc = seat, map_view, doc
        self._on_activity, self._refuses = on_activity, refuses
        self._map_causes: set[str] = set()
        self.views = ViewSet(seat, VIEWS)
        self.bridge = Bridge(doc, self._receive)
        self._flush_due = False
        self._heard_ready = False
        self._job_shown: PlanJob | None = None
        self._frame_shown: dict[str, Any] = {}
        self._minute = -1
        self._generation = seat.world.generation
        self._replaying = False
        self._play_due = False
        self._minute_at_s = 0.0
        self._passing_shown: tuple[object, ...] = ()
        self._closed = False
        self._heard: deque[Any] = deque(maxlen=HEARD_KEPT)
        seat.send = self._send
        seat.map = map_view
        seat.param.watch(self._seat_changed, [name for name in seat.param if name != "name"])
        self._unsubscribe = [
            seat.world.subscribe(self._recorded),
            seat.world.subscribe_fixes(lambda fixes: self._changed({"fixes"})),
            seat.world.subscribe_health(self._health_changed),
            seat.world.subscribe_answers(self._answered),
        ]
        if seat.desk is not None:
            self._unsubscribe.append(seat.desk.subscribe(self._plan_news))
        map_view.on_tap = self._receive
        doc.on_session_destroyed(self._destroyed)

    # ---- what changes ----

    def _seat_changed(self, *events: Any) -> None:
        if any(event.name in ("view", "island_id") for event in events):
            study_desk(self.seat.world).leave(self.seat)  # what the other page looks at is asked for when it is drawn
        self._changed({event.name for event in events})
        if self.seat.playing:
            self._play_soon()

    def _changed(self, causes: set[str]) -> None:
        """Note a change; what comes together is drawn together, in the document's lock."""
        self.views.mark(causes)
        self._map_causes |= causes
        # A page nobody listens to yet, or ever, draws nothing: a seat could open any number of them.
        if self._heard_ready and not self._flush_due and not self._closed:
            self._flush_due = True
            self._doc.add_timeout_callback(self._flush_gathered, GATHER_MS)

    def seats_changed(self) -> None:
        """Show who is on, which has changed."""
        self._changed({"presence"})

    def _play_soon(self) -> None:
        if not self._play_due and not self._closed:
            self._play_due = True
            self._doc.add_timeout_callback(self._play_on, PLAY_EVERY_MS)

    def _play_on(self) -> None:
        """Move the replayed moment on; at the present it comes back to now."""
        self._play_due = False
        seat = self.seat
        if self._closed or not seat.playing or seat.replay_at is None:
            return
        if seat.world.health.state == "unreachable":
            seat.playing = False  # the past cannot be read now; what is shown stays
            return
        seat.replay_at = replay_step(seat.replay_at, seat.world.clock.now())
        if seat.replay_at is None:
            seat.playing = False

    def _plan_news(self, job: PlanJob) -> None:
        """The first plan of a job waits for nobody; better ones are gathered with the rest."""
        self._changed({"plan"})
        if job.alternatives and job is not self._job_shown and not self._closed:
            self._job_shown = job
            self._doc.add_next_tick_callback(self._send_views)

    def _recorded(self, recorded: tuple[Recorded, ...]) -> None:
        """Note what events change; in another journal nothing the seat has chosen is there any more."""
        seat = self.seat
        if seat.world.generation != self._generation:
            self._generation = seat.world.generation
            seat.param.update(selected_incident_id=None, selected_unit_id=None, replay_at=None, forbidden={}, draft={})
            seat.select_worst()
            seat.say(both("health.another_story", title=seat.world.picture.title))
        self._changed(set(causes_of(recorded)))

    def _health_changed(self, before: Health, after: Health) -> None:
        """Everything that may be pressed changes; an end is told with how long it lasted."""
        self._changed({"*"})
        if (text := health_over(before, after)) is not None:
            self.seat.say(text, kind="answer")

    def _answered(self, answer: Answer) -> None:
        """Tell who gave a command what became of it."""
        if answer.actor == self.seat.actor:
            self.seat.say(answer.text, kind="answer")

    def _flush_gathered(self) -> None:
        self._flush_due = False
        self._send_views()
        self._flush_map()

    def _send_views(self) -> None:
        if self._closed or not self._heard_ready:  # it was sent whole; changes since wait until it listens
            return
        self._send_frame()
        if html := self.views.rendered():
            self._send({"type": "views", "html": html})

    def _flush_map(self) -> None:
        causes, self._map_causes = self._map_causes, set()
        if "replay_at" in causes:
            self._send_time()
        if causes and not self._closed:
            self._update_map(causes)

    def _update_map(self, causes: set[str]) -> None:
        seat = self.seat
        if "theme" in causes:
            self.map.restyle(seat.theme)
        replaying = seat.replay_at is not None
        if "language" in causes or replaying != self._replaying:
            self._replaying = replaying
            self.map.relabel(seat.language)  # the mode is written on the map too
        if causes & {"plan", "plans", "alternative", "selected_incident_id", "picture", "replay_at"}:
            self.map.set_plan(seat.shown_plan)
        if causes & {"selected_incident_id", "selected_unit_id"}:
            self.map.select(seat.selected_incident_id, seat.selected_unit_id)
        if causes & STUDY_MAP_CAUSES:
            self.map.set_focus(focus_of(seat))
        if causes & MAP_CAUSES:
            self.map.refresh()
        elif "fixes" in causes and seat.replay_at is None:
            self.map.move()

    def beat(self) -> None:
        """Tell the page that all is well and what time it is in the world; look at what only time changes."""
        if self._closed or not self._heard_ready:
            return
        seat = self.seat
        self._send_time()
        minute, now_s = int(seat.now.timestamp() // 60), time.monotonic()
        if minute != self._minute and now_s - self._minute_at_s >= MINUTE_EVERY_S:
            self._minute, self._minute_at_s = minute, now_s
            self._changed({"minute"})
        job = seat.job
        if job is not None and job.status in ("queued", "running"):
            self._changed({"plan"})
        if self._passing_shown != (now_holds := passing(seat)):
            was, self._passing_shown = self._passing_shown, now_holds
            # Another role, or a store that takes nothing, changes the buttons of every region.
            self._changed({"picture" if was and was[-2:] != now_holds[-2:] else "undo"})

    # ---- to and from the browser ----

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("act") == "ready":
            if self._heard_ready:  # its socket was lost meanwhile, and with it nobody knows what
                self._frame_shown = {}
                self.views.forget()
            self._heard_ready = True
            self._send_views()
            self._doc.add_next_tick_callback(self._flush_map)
            self.beat()
            return
        if not self._is_new(message):
            return
        if not self._refuses(message):
            handle(self.seat, self.seat.world, message)
            self._send_views()  # the person who acted waits for nobody, and the words go before the map
            self._doc.add_next_tick_callback(self._flush_map)
            self._on_activity(self.seat)

    def _is_new(self, message: dict[str, Any]) -> bool:
        """Tell the page that its press was heard; the same press sent again after a lost socket does nothing."""
        command_id = message.get("command_id")
        if command_id is None:
            return True
        self._send({"type": "heard", "id": command_id})
        if command_id in self._heard:
            return False
        self._heard.append(command_id)
        return True

    def _send(self, message: dict[str, Any]) -> None:
        if not self._closed:
            self.bridge.send(message)

    def _send_time(self) -> None:
        seat = self.seat
        self._send(
            {
                "type": "beat",
                "world_ms": int(seat.now.timestamp() * 1000),
                "speed": seat.world.clock.speed,
                "frozen": seat.replay_at is not None,
            }
        )

    def _send_frame(self) -> None:
        state = self._frame_state()
        if state != self._frame_shown:
            self._frame_shown = state
            age_s = self.seat.world.health.seconds(datetime.now(UTC))
            self._send({"type": "frame", **state, "health_age_s": age_s})

    def _frame_state(self) -> dict[str, Any]:
        seat = self.seat
        mode = "replay" if seat.replay_at is not None else seat.world.picture.mode
        return {
            "theme": seat.theme,
            "language": seat.language,
            "mode": mode,
            "drawer": seat.drawer,
            "view": seat.view,
            "title": TITLES[seat.language],
            "health": health_band(seat.world.health, seat.language),
        }

    def fill(self) -> None:
        """Put the frame with every region filled into the document.

        The map's chart is the only root, so that the page needs no script of Panel's and one of Bokeh's.
        """
        self.map.chart.name = "map"
        self._doc.title = TITLES[self.seat.language]
        self._doc.add_root(self.map.chart)
        self._doc.template = frame_template()
        self._doc.template_variables.update(self._variables())

    def _variables(self) -> dict[str, Any]:
        seat = self.seat
        start = {
            "world_ms": int(seat.now.timestamp() * 1000),
            "speed": seat.world.clock.speed,
            "frozen": seat.replay_at is not None,
            "stale_ms": STALE_MS,
            "sheet": read_asset("panels.css"),
            "map_sheet": furniture.SHEET,
            "cutoff_sheet": read_asset("cutoff.css"),
            "words": WORDS,
        }
        state = self._frame_state()
        return {
            "frame_title": state["title"],
            "theme_sheet": theme_sheet(),
            "assets_version": assets_version(),
            "bokeh_version": bokeh.__version__,
            "theme": seat.theme,
            "language": seat.language,
            "html_lang": "zh-CN" if seat.language == "zh" else "en",
            "mode": state["mode"],
            "view": state["view"],
            "reasons_words": WORDS["reasons"][seat.language],
            "views": {view.root: str(html) for view, html in self._first_html()},
            "start_json": json.dumps(start, ensure_ascii=False).replace("</", "<\\/"),
        }

    def _first_html(self) -> list[tuple[Any, str]]:
        html = self.views.everything()
        return [(view, html.get(view.root, "")) for view in VIEWS]

    def _destroyed(self, session_context: Any) -> None:
        self._closed = True
        self.seat.map = None
        study_desk(self.seat.world).leave(self.seat)
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.seat.send = lambda message: None
