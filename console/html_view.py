"""Regions of the page that are HTML made from the picture: rendered when something they depend on has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from console.actions.registry import barred_acts
from console.panels.markup import barring
from console.seat import Seat

log = logging.getLogger(__name__)
Render = Callable[[Seat], str]


@dataclass(frozen=True)
class HtmlView:
    """One region: the id of its element in the frame, what makes its HTML, and which changes concern it.

    ``watches`` are names of seat params, and ``picture``, ``plan`` or ``minute`` for the world's changes.
    """

    root: str
    render: Render
    watches: frozenset[str]


@dataclass
class ViewSet:
    """The HTML regions of one seat; remembers what the page already shows."""

    seat: Seat
    views: tuple[HtmlView, ...]
    _shown: dict[str, str] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    barred: Callable[[Seat], Mapping[tuple[str, str], str]] = barred_acts

    def mark(self, causes: Iterable[str]) -> bool:
        """Note what has changed; returns whether any region has to be looked at."""
        changed = set(causes)
        self._dirty |= {view.root for view in self.views if "*" in changed or view.watches & changed}
        return bool(self._dirty)

    def rendered(self) -> dict[str, str]:
        """Return the regions that changed since the last call, by root id."""
        due, self._dirty = self._dirty, set()
        fresh: dict[str, str] = {}
        with barring(self.barred(self.seat) if due else {}):
            for view in self.views:
                if view.root not in due:
                    continue
                html = self._render(view)
                if self._shown.get(view.root) != html:
                    self._shown[view.root] = fresh[view.root] = html
        return fresh

    def everything(self) -> dict[str, str]:
        """Return every region afresh, for a page that has just come."""
        self.forget()
        return self.rendered()

    def forget(self) -> None:
        """Take it that the page shows nothing, as after a lost socket: everything is due."""
        self._shown.clear()
        self.mark("*")

    def _render(self, view: HtmlView) -> str:
        """A region that fails says so in its place; the others stay alive."""
        try:
            return view.render(self.seat)
        except Exception:
            log.exception("region '%s' could not be shown", view.root)
            words = (
                "此区域暂时无法显示，已写入日志。"
                if self.seat.language == "zh"
                else "This part cannot be shown; it is in the log."
            )
            return f'<section class="room broken" role="alert"><p class="note">{escape(words)}</p></section>'
