"""Build HTML in which every value is escaped unless it is markup already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape

VOID_TAGS = frozenset({"input", "br", "hr"})


# The acts that are shown but cannot be pressed, by name and value ("" for any), each with the reason.
_BARRED: ContextVar[Mapping[tuple[str, str], str] | None] = ContextVar("barred", default=None)


@contextmanager
def barring(barred: Mapping[tuple[str, str], str]) -> Iterator[None]:
    """Make whatever sends one of these acts disabled, with the reason as its title, in all markup made inside."""
    token = _BARRED.set(barred)
    try:
        yield
    finally:
        _BARRED.reset(token)


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
    if (why := _barred(attributes)) is not None:
        attributes |= {"disabled": True, "title": why}
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
        written.append(f" {attribute}" if value is True else f' {attribute}="{escape(str(value), quote=True)}"')
    opening = f"<{name}{''.join(written)}>"
    return Html(opening if name in VOID_TAGS else f"{opening}{join(children)}</{name}>")


def _barred(attributes: Mapping[str, object]) -> str | None:
    """Return why the act an element sends cannot be pressed; what its value needs goes before the act's own need."""
    barred, act = _BARRED.get(), attributes.get("data_act")
    if not barred or not isinstance(act, str):
        return None
    return barred.get((act, str(attributes.get("data_value", ""))), barred.get((act, "")))


def button(
    words: str,
    act: str,
    *,
    key: str | None = None,
    cls: str = "",
    label: str | None = None,
    barred: str | None = None,
    **data: object,
) -> Html:
    """Return a button that sends an act, with its key shown where it has one; ``barred`` is why it cannot."""
    return tag(
        "button",
        words,
        tag("kbd", key) if key else None,
        type="button",
        cls=f"btn {cls}".strip(),
        data_act=act,
        aria_label=label or words,
        disabled=barred is not None,
        title=barred or (label if label != words else None),
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
