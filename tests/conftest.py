# SPDX-License-Identifier: ISC
"""What the test folders share: modules of this folder can be imported, and `stage` is a lab
of this run's own, up for as long as the run."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope="session")
def stage():
    from stage import Stage
    lab = Stage("t%d" % os.getpid())
    try:
        yield lab.up()
    finally:
        lab.down()


@pytest.fixture
def amt(stage):
    """A client whose connection is this test's own."""
    client = stage.amt()
    yield client
    client.close()
