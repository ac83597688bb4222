"""Build a region's coastline file from the packaged OSM land polygons: ``python -m data.build_coastline``.

Needs the ``coastline`` extra (roaring-landmask, 110 MB) once; the product ships the clip and never imports it.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from data.coastline import clip_land, write_coastline


def main(arguments: list[str] | None = None) -> int:
    """Clip the world's land to the bounds in ``region.toml`` and write ``coastline.geojson.gz`` beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent / "zhoushan")
    folder: Path = parser.parse_args(arguments).folder
    try:
        from roaring_landmask import LandmaskProvider, Shapes
    except ImportError:
        print("The land polygons are not installed. Run: pip install 'tongzhou[coastline]'", file=sys.stderr)
        return 1
    west, south, east, north = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))["bounds_deg"]
    land = clip_land(bytes(Shapes.wkb(LandmaskProvider.Osm)), (west, south, east, north))
    path = folder / "coastline.geojson.gz"
    write_coastline(land, path)
    print(f"{path}: {len(land.geoms)} polygons, {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
