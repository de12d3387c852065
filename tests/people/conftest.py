"""What tests of people need of the school that they open."""

import pytest

from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource
from tests.conftest import School


@pytest.fixture
def store(school: School) -> Store:
    return school.bridge.store


@pytest.fixture
async def at(school: School) -> ConfiguredSource:
    """The club, as the settings have it."""
    return school.bridge.sources["club"]
