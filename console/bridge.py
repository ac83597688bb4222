"""The one channel between a page's script and its seat: Bokeh's own messages, no model of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bokeh.document.callbacks import invoke_with_curdoc
from bokeh.document.events import MessageSentEvent
from bokeh.io import curdoc

if TYPE_CHECKING:
    from bokeh.document import Document

CHANNEL = "tongzhou"  # also in static/console.js


class Bridge:
    """Carries acts of the person to the server, and views, beats and toasts to the page."""

    def __init__(self, doc: Document, on_message: Callable[[dict[str, Any]], None]) -> None:
        self._doc, self._on_message = doc, on_message
        doc.on_message(CHANNEL, self._take)

    def _take(self, data: Any) -> None:
        """Messages come in the document's lock."""
        if isinstance(data, dict):
            invoke_with_curdoc(self._doc, lambda: self._on_message(data))

    def send(self, message: dict[str, Any]) -> None:
        """Send one message to the page; lost if the page is gone, which asks for all views when it comes back."""
        event = MessageSentEvent(self._doc, CHANNEL, message)
        if curdoc() is self._doc:
            self._doc.callbacks.trigger_on_change(event)
        else:  # outside the document's lock nothing may be written
            self._doc.add_next_tick_callback(lambda: self._doc.callbacks.trigger_on_change(event))
