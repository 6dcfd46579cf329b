"""A short form of `infra/chaos`: every order that a client was promised ends right, whatever goes wrong."""

import random

import pytest
from chaos.director import SCENARIOS
from chaos.run import Run
from chaos.table import table


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_order_that_was_answered_ends_right(cloud, scenario, tmp_path):
    seed = random.randrange(10**6)
    print(f"SEED={seed}")
    figures, wrong = Run(cloud, scenario, orders=40, clients=12, seed=seed, say=print, storm=15).go(tmp_path)
    print(table({(cloud.messaging, scenario): figures}), *wrong, sep="\n")
    assert figures["faults"] and (figures["  payments at a wrong time"] > 0) == (scenario == "clocks")
    assert not wrong
