"""Hover tips: one frame, its title and lines prepared in the seat's language."""

from __future__ import annotations

from bokeh.models import GlyphRenderer, HoverTool

FRAME = (
    "<div style=\"font:12px/17px 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:320px;color:var(--text)\">"
    '<div style="font-weight:700">@tip_title</div>'
    '<div style="white-space:pre-line;color:var(--text2)">@tip_text</div></div>'
)


def hover_tool(renderers: list[GlyphRenderer]) -> HoverTool:
    """Return the one hover tool of the map; every source it serves has ``tip_title`` and ``tip_text`` columns."""
    return HoverTool(renderers=renderers, tooltips=FRAME, point_policy="snap_to_data", limit=1, attachment="horizontal")
