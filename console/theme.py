"""The colour tokens of both themes: the only file with hex values; views use the names as CSS variables."""

from __future__ import annotations

from typing import Literal

Theme = Literal["dark", "light"]

# Contrast of each pair was measured: text at least 4.5:1 on every surface it is used on.
TOKENS: dict[Theme, dict[str, str]] = {
    "dark": {
        "sea": "#222b31",
        "unknown": "#1b2226",
        "land": "#39444c",
        "coast": "#6b7c87",
        "panel": "#2a343b",
        "panel2": "#323d45",
        "head": "#252e34",
        "line": "#445059",
        "line2": "#55636d",
        "sel": "#2f4957",
        "text": "#e6ebee",
        "text2": "#b9c4cb",
        "text3": "#a5b2bb",
        "fg": "#dfe6ea",
        "plan": "#8fd0ea",
        "accent": "#6fc3e6",
        "accentbg": "#2d4552",
        "red": "#ff9285",
        "redbg": "#b3281d",
        "redtx": "#ffffff",
        "amber": "#f5b83d",
        "amberbg": "#f0ab1c",
        "ambertx": "#1c1a12",
        "open": "#44525b",
        "limited": "#b08a38",
        "closed": "#b04f49",
    },
    "light": {
        "sea": "#ced6da",
        "unknown": "#b9c3c8",
        "land": "#e9ebe9",
        "coast": "#7c8a92",
        "panel": "#eceeef",
        "panel2": "#e1e5e7",
        "head": "#d9dee1",
        "line": "#bfc8cd",
        "line2": "#a3afb6",
        "sel": "#c2dbe8",
        "text": "#182127",
        "text2": "#3b4850",
        "text3": "#4a5760",
        "fg": "#22303a",
        "plan": "#0a5c87",
        "accent": "#0a5c87",
        "accentbg": "#cfe2ec",
        "red": "#ad1f17",
        "redbg": "#b3201a",
        "redtx": "#ffffff",
        "amber": "#7d4f00",
        "amberbg": "#f0ab1c",
        "ambertx": "#1c1a12",
        "open": "#c3ccd1",
        "limited": "#b57f14",
        "closed": "#bf5349",
    },
}


def css_variables(theme: Theme) -> str:
    """Return the declarations ``--name:value;`` of one theme."""
    return "".join(f"--{name}:{value};" for name, value in TOKENS[theme].items())


def theme_sheet() -> str:
    """Return the sheet that sets both themes on :root; ``data-theme`` on the html element chooses."""
    dark, light = css_variables("dark"), css_variables("light")
    return f":root{{{dark}color-scheme:dark}}:root[data-theme=light]{{{light}color-scheme:light}}"
