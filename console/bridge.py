"""The one channel between a page's script and its seat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn


class Bridge(pn.custom.JSComponent):
    """Carries acts of the person to the server, and views, beats and toasts to the page.

    The script is static/console.js; it finds the channel by ``window.tongzhou.attach``.
    """

    _esm = """
export function render({model}) {
  const channel = {send: (message) => model.send_msg(message)};
  model.on("msg:custom", (event) => window.tongzhou.receive(event.data === undefined ? event : event.data));
  window.tongzhou.attach(channel);
  return document.createElement("i");
}
"""

    def __init__(self, on_message: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_message = on_message

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._on_message(data)

    def send(self, message: dict[str, Any]) -> None:
        """Send one message to the page; lost if the page is gone, which asks for all views when it comes back."""
        self._send_msg(message)
