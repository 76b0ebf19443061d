"""Settings of a fresh home."""

from pathlib import Path

import pytest

from opsconductor.settings import Settings, load_settings


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings({"home": str(home)})
