"""Convert between WGS 84 degrees and the metric CRS of a region."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

Floats = NDArray[np.float64]
WGS84 = Geod(ellps="WGS84")


class Projection:
    """Both directions between EPSG:4326 (lon, lat) and one UTM zone; arrays of shape (n, 2)."""

    def __init__(self, utm_epsg: int) -> None:
        self._forward = Transformer.from_crs(4326, utm_epsg, always_xy=True)
        self._back = Transformer.from_crs(utm_epsg, 4326, always_xy=True)

    def to_metres(self, lonlat_deg: Floats) -> Floats:
        """Return UTM metres of lon, lat points."""
        x_m, y_m = self._forward.transform(lonlat_deg[:, 0], lonlat_deg[:, 1])
        return np.column_stack([x_m, y_m])

    def to_degrees(self, xy_m: Floats) -> Floats:
        """Return lon, lat degrees of UTM points."""
        lon_deg, lat_deg = self._back.transform(xy_m[:, 0], xy_m[:, 1])
        return np.column_stack([lon_deg, lat_deg])

    def geometry_to_metres(self, geometry: Any) -> Any:
        """Return a shapely geometry moved from WGS 84 to UTM metres."""
        return shapely.transform(geometry, self.to_metres)

    def geometry_to_degrees(self, geometry: Any) -> Any:
        """Return a shapely geometry moved from UTM metres to WGS 84."""
        return shapely.transform(geometry, self.to_degrees)


@lru_cache(maxsize=4)
def projection(utm_epsg: int) -> Projection:
    """Return the projection of one UTM zone, made once."""
    return Projection(utm_epsg)
