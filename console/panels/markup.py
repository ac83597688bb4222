"""Build HTML in which every value is escaped unless it is markup already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID_TAGS = frozenset({"input", "br", "hr"})


class Html(str):
    """A string that is markup already and must not be escaped again."""

    __slots__ = ()


def raw(value: object) -> Html:
    """Return a value as markup: Html as it is, None as nothing, anything else escaped."""
    if isinstance(value, Html):
        return value
    return Html("") if value is None else Html(escape(str(value), quote=True))


def join(parts: Iterable[object], separator: str = "") -> Html:
    """Join parts into one piece of markup, escaping those that are not markup; None and "" are left out."""
    return Html(escape(separator).join(raw(part) for part in parts if part is not None and part != ""))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """Return one element.

    ``cls`` is the class; ``data_act`` becomes ``data-act``; None and False leave an attribute out,
    True writes it bare.
    """
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
        written.append(f" {attribute}" if value is True else f' {attribute}="{escape(str(value), quote=True)}"')
    opening = f"<{name}{''.join(written)}>"
    return Html(opening if name in VOID_TAGS else f"{opening}{join(children)}</{name}>")


def button(
    words: str, act: str, *, key: str | None = None, cls: str = "", label: str | None = None, **data: object
) -> Html:
    """Return a button that sends an act, with its key shown where it has one."""
    return tag(
        "button",
        words,
        tag("kbd", key) if key else None,
        type="button",
        cls=f"btn {cls}".strip(),
        data_act=act,
        aria_label=label or words,
        title=label if label != words else None,
        **{f"data_{name}": value for name, value in data.items()},
    )


def symbol(kind: str, status: str, size: int = 17) -> Html:
    """Return the map symbol of a unit for use in a row."""
    return tag("pt-sym", kind=kind, status=status, size=size)


def incident_mark(priority: int, size: int = 20) -> Html:
    """Return the priority shape of an incident for use in a row."""
    return tag("pt-inc", p=priority, size=size)


def room(name: str, head: object, *body: object) -> Html:
    """Return a panel: a head line and a body under it."""
    return tag("section", tag("header", head, cls="head") if head else None, *body, cls=f"room {name}")
