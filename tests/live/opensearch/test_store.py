import pytest

from tests.tools.logs.contract import LogStoreContract

pytestmark = pytest.mark.live


class TestOpenSearchLogStore(LogStoreContract):
    """Keeps what every store promises."""
