"""Both choices of algorithms: what asks for one of these runs under each."""

import pytest

from service.trust.crypto.profile import PROFILES, CryptoProfile
from service.trust.master_key import MasterKey
from tests.database import MASTER_KEY


@pytest.fixture(params=list(PROFILES.values()), ids=list(PROFILES))
def profile(request: pytest.FixtureRequest) -> CryptoProfile:
    """The algorithms."""
    found: CryptoProfile = request.param
    return found


@pytest.fixture
def master(profile: CryptoProfile) -> MasterKey:
    """The master key of every test, with these algorithms."""
    return MASTER_KEY.under(profile)
