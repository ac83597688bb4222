"""What stands over the map as HTML: layer switches, legend, mode, scale bar, north and attribution."""

from __future__ import annotations

from html import escape

from console.i18n import say
from console.map.layers import SWITCHES
from data.geography import Region
from data.text import Language

SHEET = """
:host{margin:0!important;width:auto!important;height:auto!important;font:12px/18px "Noto Sans CJK SC","Microsoft YaHei",
sans-serif;color:var(--text2);pointer-events:none;user-select:none}
.box,.foot,.mode,summary{font:12px/18px "Noto Sans CJK SC","Microsoft YaHei",sans-serif}
.foot .credit{font-size:11px}
.box{background:var(--panel);border:1px solid var(--line2);padding:3px 8px;display:inline-flex;gap:4px 12px;
flex-wrap:wrap;align-items:center;pointer-events:auto;opacity:.96}
label{display:inline-flex;gap:5px;align-items:center;cursor:pointer;white-space:nowrap;color:var(--text)}
input{accent-color:var(--accent);width:13px;height:13px;margin:0}
details{pointer-events:auto;display:inline-block;vertical-align:top}
summary{cursor:pointer;list-style:none;background:var(--panel);border:1px solid var(--line2);padding:3px 8px;
color:var(--text);width:max-content}
summary::-webkit-details-marker{display:none}
summary:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.foot{display:flex;gap:14px;align-items:flex-end;white-space:nowrap;padding:0 6px;
background:color-mix(in srgb,var(--sea) 88%,transparent)}
.key{display:inline-flex;gap:6px;align-items:center;white-space:nowrap}
.credit{color:var(--text3);font-size:11px}
.mode{background:repeating-linear-gradient(135deg,var(--amberbg) 0 8px,var(--ambertx) 8px 16px);padding:2px 12px;
display:inline-block;margin-left:8px}
.mode.replay,.mode.plan{background:var(--accent)}
.mode b{background:var(--ambertx);color:var(--amberbg);padding:0 8px;font-weight:700}
.mode.replay b,.mode.plan b{background:none;color:var(--panel)}
.wide{display:inline}.narrow{display:none}
@media (max-width:1500px){.wide{display:none}.narrow{display:inline}
.foot{position:relative;left:78px;top:31px;gap:10px;align-items:center}
.foot .credit{white-space:normal;max-width:250px;line-height:13px}}
svg{display:block}
"""
WIDE_PX = 900  # of the map: below it switches and legend are folded (1500 px of page)


def boxes(width_px: int, height_px: int) -> list[tuple[float, float, float, float]]:
    """Return what labels keep clear of: the furniture's boxes and everything outside the view, in pixels."""
    far = 1e4
    edges = [(-far, -far, 0.0, far), (width_px, -far, far, far), (-far, -far, far, 0.0), (-far, height_px, far, far)]
    if width_px < WIDE_PX:
        return [*edges, (0, 0, 190, 38), (0, height_px - 38, min(width_px, 740), height_px)]
    return [*edges, (0, 0, 760, 38), (0, height_px - 36, 830, height_px), (0, height_px - 60, 660, height_px)]


SAMPLES = (
    (
        "road",
        '<path d="M0,5H34" stroke="var(--plan)" stroke-width="4.4"/>'
        '<path d="M0,5H34" stroke="var(--panel)" stroke-width="2"/>',
    ),
    ("assault_boat", '<path d="M0,5H34" stroke="var(--plan)" stroke-width="1.8"/>'),
    ("patrol_boat", '<path d="M0,5H34" stroke="var(--plan)" stroke-width="2.6"/>'),
    (
        "landing_craft",
        '<path d="M0,5H34" stroke="var(--plan)" stroke-width="3.4"/>'
        '<path d="M0,5H34" stroke="var(--panel)" stroke-width="1.4" stroke-dasharray="2 3"/>',
    ),
    ("air", '<path d="M0,5H34" stroke="var(--plan)" stroke-width="2" stroke-dasharray="11 4 2 4"/>'),
    ("limited", '<path d="M0,5H34" stroke="var(--amber)" stroke-width="2.2" stroke-dasharray="9 5"/>'),
    ("closed", '<path d="M0,5H34" stroke="var(--red)" stroke-width="3" stroke-dasharray="3 3"/>'),
    ("idle", '<path d="M0,5H34" stroke="var(--text3)" stroke-width="1" opacity=".7"/>'),
    (
        "reach",
        '<path d="M1,5H34" stroke="var(--text3)" stroke-width="1.4" stroke-dasharray="1 5" stroke-linecap="round"/>',
    ),
)


def switches_html(language: Language, shown: frozenset[str], mode: str) -> str:
    """Return the layer switches, folded into one button on a small screen, and the mode when it is not live."""
    boxes = "".join(
        f'<label><input type="checkbox" data-act="layer" data-value="{name}"{" checked" if name in shown else ""}>'
        f"{escape(say(f'map.layer_{name}', language))}</label>"
        for name in SWITCHES
    )
    folded = (
        f"<details><summary>{escape(say('map.layers', language))}</summary><div class='box'>{boxes}</div></details>"
    )
    tag = ""
    if mode in ("drill", "replay", "plan"):
        tag = f'<span class="mode {mode}"><b>{escape(say(f"map.mode_{mode}", language))}</b></span>'
    return f'<span class="wide"><span class="box">{boxes}</span>{tag}</span><span class="narrow">{folded}{tag}</span>'


def legend_html(language: Language) -> str:
    """Return the legend of the lines, folded into one button on a small screen."""
    keys = "".join(
        f'<span class="key"><svg width="34" height="10" fill="none">{drawing}</svg>'
        f"{escape(say(f'map.legend_{name}', language))}</span>"
        for name, drawing in SAMPLES
    )
    folded = f"<details><summary>{escape(say('map.legend', language))}</summary><div class='box'>{keys}</div></details>"
    return f'<span class="wide"><span class="box">{keys}</span></span><span class="narrow">{folded}</span>'


def foot_html(language: Language, region: Region) -> str:
    """Return north, the scale bar and whose data the coast is."""
    north = (
        '<span class="key"><svg width="12" height="14"><path d="M6,0L11,13L6,10L1,13Z" fill="var(--text2)"/></svg>'
        f"{escape(say('map.north', language))}</span>"
    )
    credit = f'<span class="credit">{escape(region.attribution.said(language))}</span>'
    return f'<span class="foot">{north}<pt-scale max="130"></pt-scale>{credit}</span>'
