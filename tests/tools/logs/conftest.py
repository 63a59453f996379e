import pytest

pytest.register_assert_rewrite("tests.tools.logs.contract")
