"""A full disk is refused in words, loses nothing acknowledged, can be read, and takes more once there is room."""

from __future__ import annotations

import pytest

from tests.postgis_cluster import NOT_INSTALLED
from tests.proof.disk_full import (
    FOLDER_MB,
    NoSmallDiskError,
    full_disk,
    small_cluster,
    small_disk,
    start_a_new_log_file,
)
from tests.system_packages import postgis_bin


def test_full_disk_of_a_folder() -> None:
    try:
        with small_disk(FOLDER_MB) as disk:
            findings = full_disk(str(disk / "store"), disk, seed=1)
    except NoSmallDiskError as error:
        pytest.skip(str(error))
    assert findings.is_clean, findings
    assert findings.acked > 10


@pytest.mark.postgis
def test_full_disk_of_a_database() -> None:
    if postgis_bin() is None:
        pytest.skip(NOT_INSTALLED)
    try:
        with small_cluster() as cluster:
            database = cluster.fresh_database()
            start_a_new_log_file(cluster)
            findings = full_disk(cluster.address(database), cluster.folder, seed=2)
    except NoSmallDiskError as error:
        pytest.skip(str(error))
    assert findings.is_clean, findings
    assert findings.acked > 10


def test_a_refusal_swallowed_is_seen_to_lose() -> None:
    try:
        with small_disk(FOLDER_MB) as disk:
            findings = full_disk(str(disk / "store"), disk, seed=3, plant="swallows errors")
    except NoSmallDiskError as error:
        pytest.skip(str(error))
    assert findings.lost > 0
