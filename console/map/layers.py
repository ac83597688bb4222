"""The map's layers from bottom to top. A new layer is a new file and a line here."""

from __future__ import annotations

from console.map.callouts import CalloutsLayer
from console.map.circles import CirclesLayer
from console.map.evacuation import EvacuationLayer
from console.map.flags import FlagsLayer
from console.map.incidents import IncidentsLayer
from console.map.isolation import IsolationLayer
from console.map.labels import LabelsLayer
from console.map.land import LandLayer
from console.map.layer import Layer
from console.map.legs import LegsLayer
from console.map.links import LinksLayer
from console.map.manual import ManualLayer
from console.map.reach import ReachLayer
from console.map.rings import RingsLayer
from console.map.sites import SitesLayer
from console.map.units import UnitsLayer
from console.map.zones import ZonesLayer


def build_layers() -> tuple[Layer, ...]:
    """Return a fresh set of layers for one seat, bottom first."""
    legs, labels = LegsLayer(), LabelsLayer()
    return (
        ZonesLayer(),
        ReachLayer(),
        LandLayer(),
        LinksLayer(),
        ManualLayer(),
        RingsLayer(),
        legs,
        SitesLayer(),
        UnitsLayer(),
        IncidentsLayer(),
        labels,
        FlagsLayer(legs),
        CalloutsLayer(),
        CirclesLayer(labels),
        EvacuationLayer(labels),
        IsolationLayer(),
    )


SWITCHES = ("legs", "sites", "links", "reach", "rings", "units", "zones", "labels")
# What a seat that says nothing starts with.
INITIALLY = frozenset(SWITCHES) - {"zones"}
