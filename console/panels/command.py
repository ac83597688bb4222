"""The command line row: what is typed, how it would go on, and the same actions as buttons."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.alarms import alarm_count_html
from console.panels.markup import Html, button, join, tag
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture

# Each verb a button starts: it fills the line, and a person finishes it.
STARTERS = (("dispatch", "/d "), ("status", "/s "), ("log", "/log "), ("goto", "/goto "))


def command_html(
    picture: Picture,
    now: datetime,
    language: Language,
    *,
    completion: str = "",
    can_act: bool = True,
) -> Html:
    """Return the row; ``completion`` is how the line would read after Tab."""
    starters = [
        button(say(f"command.{name}", language), "command-complete", key=start.strip(), cls="wide", value=start)
        for name, start in STARTERS
    ]
    field = tag(
        "input",
        id="command-line",
        type="text",
        name="command",
        autocomplete="off",
        spellcheck="false",
        data_act="command",
        data_key="command-line",
        placeholder=say("command.placeholder", language),
        aria_label=say("command.label", language),
    )
    return tag(
        "section",
        alarm_count_html(picture, now, language),
        tag("b", "/"),
        tag("div", field, tag("span", completion, cls="ghost", aria_hidden="true") if completion else None, cls="line"),
        join(starters) if can_act else tag("span", say("plan.replay", language), cls="dim"),
        button(say("command.refit", language), "refit", key="Z", cls="wide"),
        cls="room command",
    )
