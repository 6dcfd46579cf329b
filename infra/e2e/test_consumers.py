"""An event has two consumers: both get it, in both modes of messaging.

The shop is deployed from a copy of its list that has one more row. That row alone makes the queue, the rules, the roles and
the variables of the publishers.
"""

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import shop
from client import Customer, wait
from conftest import INFRA, Cloud

# The second consumer runs the program of order-update, which consumes none of these events. So each one that reaches it
# becomes a dead letter, and the reason names the event.
NAME, PROGRAM = "order-watch", "order-update"
EVENTS = ["PaymentRequested", "CreditCardValidated", "ShipmentRequested", "DeliveryDue"]
ROW = f"""
[function.{NAME}]
consumes = {json.dumps(EVENTS)}
table = [{{ do = ["GetItem", "UpdateItem"], keys = ["ORDER#"] }}]
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".venv").symlink_to(INFRA.parent / ".venv")
    for path in ("docs", "functions", "artifacts"):
        (folder / path).mkdir()
    (folder / "functions/functions.toml").write_text(shop.LIST.read_text() + ROW)
    subprocess.run([folder / "infra/generate"], check=True, capture_output=True, timeout=60)
    for artifact in Path(os.environ["ARTIFACTS"]).iterdir():
        if artifact.suffix in (".zip", ".version"):
            (folder / "artifacts" / artifact.name).symlink_to(artifact.resolve())
            if artifact.stem == PROGRAM:
                (folder / "artifacts" / f"{NAME}{artifact.suffix}").symlink_to(artifact.resolve())
    cloud = Cloud(str(folder / "cloud"), folder / "infra", ARTIFACTS=str(folder / "artifacts"))
    with pytest.MonkeyPatch.context() as patch:
        # The proxy holds the new function, and those that send to it, to the roles of the changed list.
        patch.setitem(shop.FUNCTIONS, NAME, tomllib.loads(ROW)["function"][NAME])
        shop.CONSUMERS.append(NAME)
        try:
            yield cloud
        finally:
            shop.CONSUMERS.remove(NAME)
            cloud.close()


@pytest.mark.parametrize("messaging", ["sqs", "eventbridge"])
def test_each_event_reaches_both_of_its_consumers(watched, messaging):
    watched.deploy(messaging)
    customer = Customer(watched.url)
    id = customer.place()
    customer.wait(id, "delivered")  # each event has reached its first consumer
    types = [shop.ROWS["event"][key].get("names", [key])[0] for key in EVENTS]
    reasons = {f"{type} is not consumed here" for type in types}
    found = set()

    def all_found():
        for letter in watched.dead_letters(NAME):
            attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
            if attributes.get("order_id") == id:
                found.add(attributes["reason"])
        return found >= reasons

    wait(all_found)
    assert found == reasons
    sent = {target for _, target, body in watched.proxy.sent if id in body}
    assert ("AWSEvents.PutEvents" in sent) == (messaging == "eventbridge")
    assert watched.proxy.denied == []
