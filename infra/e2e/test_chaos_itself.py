"""Tests of the chaos itself: a seed repeats it, the clocks are wrong, and each violation of an order is found."""

import json
import subprocess
import sys
import time
from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest
from chaos import faults, kept, verdict
from chaos.clients import Wish
from chaos.clocks import AT_LEAST, MINUTES, Clocks, compile_library
from chaos.director import SCENARIOS, Chaos
from chaos.faults import Call
from chaos.table import table

WRITE, SEND = "DynamoDB_20120810.PutItem", "AmazonSQS.SendMessage"


def drawn(scenario, seed, targets):
    """The faults of these calls, in order."""
    chaos = Chaos(SimpleNamespace(url="", chaos=None), SCENARIOS[scenario], seed)
    chaos.off.clear()
    return [chaos.draw(Call("order-add", 1, target, "{}", None, None)) for target in targets]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_seed_draws_the_same_faults_again_and_one_for_so_many_calls(scenario):
    targets, one_in = [WRITE, SEND, SEND] * 400, SCENARIOS[scenario].one_in
    first = drawn(scenario, 1, targets)
    assert first == drawn(scenario, 1, targets) and first != drawn(scenario, 2, targets)
    assert set(filter(None, first)) == set(SCENARIOS[scenario].faults)
    counted = [fault for target, fault in zip(targets, first) if scenario != "clocks" or target == SEND]
    rows = [counted[i : i + one_in] for i in range(0, len(counted), one_in)]
    assert all(Counter(map(bool, row))[True] == 1 for row in rows)
    assert not any(fault is faults.lost for target, fault in zip(targets, first) if target == WRITE)
    assert not any(drawn(scenario, 1, ["AmazonSSM.GetParameter"] * 100))


def test_a_clock_is_wrong_and_jumps(tmp_path):
    library, clocks = compile_library(tmp_path), Clocks(tmp_path)
    code = "import sys, time\nfor line in sys.stdin: print(time.time(), flush=True)"
    variables = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(tmp_path / "order-ship.clock")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], env=variables, **pipes) as process:
        for seconds in [0, 600, -600, 0]:
            clocks.set("order-ship", seconds)
            process.stdin.write("\n")
            process.stdin.flush()
            assert abs(float(process.stdout.readline()) - time.time() - seconds) < 30
        process.stdin.close()
    chance, seen = Random(1), {function: set() for function in MINUTES}
    for _ in range(200):
        clocks.jump(chance)
        for function, (least, most) in MINUTES.items():
            seconds = clocks.get(function)
            assert least <= seconds <= most and abs(seconds) >= AT_LEAST
            seen[function].add(seconds > 0)
    assert all(signs == {True, False} for signs in seen.values())


def wish(good=True):
    """The first wish of a run with a good (or a bad) card."""
    return next(wish for wish in (Wish("run", number, 1) for number in range(100)) if wish.good == good)


def item(kind, sort, **attributes):
    return {"PK": {"S": f"{kind}#o"}, "SK": {"S": sort}} | {name: {"S": value} for name, value in attributes.items()}


def sent(kind, **data):
    body = json.dumps({"metadata": {"type": kind}, "data": {"orderID": "o"} | data})
    asked = {"QueueUrl": "http://h/1/acme-local-order-ship", "MessageBody": body}
    return Call("order-add", 1, SEND, json.dumps(asked), None, None)


def ended(wanted):
    """Everything that is stored and was published of an order that ended right."""
    order = {"firstname": "run", "lastname": str(wanted.number), "status": "delivered" if wanted.good else "error"}
    ids = {"transactionId": "t", "trackingNumber": "n"} if wanted.good else {}
    items = {"order": item("ORDER", "ORDER", **order, **ids), "payment": item("PAYMENT", "PAYMENT", **dict(list(ids.items())[:1]))}
    if wanted.good:
        items["shipment"] = item("SHIPMENT", "SHIPMENT", trackingNumber="n")
    calls = [sent("CreditCardValidatedEvent", transactionID="t" if wanted.good else "-1")]
    return items, calls + [sent("ShipmentSent", trackingNumber="n")] * wanted.good


@pytest.mark.parametrize(
    "good, items, calls, statuses, ids, noticed",
    [
        (True, {}, [], [502, 409, "broken", 200], ["o", "o"], None),
        (False, {}, [], [200], ["o"], None),
        (True, {}, [], [503], [], None),
        (True, {"order": {"status": {"S": "shipped - pending delivery"}}}, [], [200], ["o"], "should be 'delivered'"),
        (True, {"order": {"status": {"S": "error"}}}, [], [503], [], "should be 'delivered'"),
        (False, {"order": {"status": {"S": "delivered"}}}, [], [200], ["o"], "should be 'error'"),
        (True, {"payment": None}, [], [200], ["o"], "0 payments"),
        (True, {"shipment": None}, [], [200], ["o"], "0 shipments"),
        (False, {"shipment": item("SHIPMENT", "SHIPMENT")}, [], [200], ["o"], "1 shipments"),
        (True, {"card": item("ORDER", "REQUEST")}, [], [200], ["o"], "sealed card"),
        (True, {}, [sent("CreditCardValidatedEvent", transactionID="u")], [200], ["o"], "several transactions"),
        (True, {}, [sent("ShipmentDelivered", trackingNumber="m")], [200], ["o"], "several tracking numbers"),
        (True, {"order": {"transactionId": {"S": "u"}}}, [], [200], ["o"], "transactionId is not everywhere"),
        (True, {"shipment": {"trackingNumber": {"S": "m"}}}, [], [200], ["o"], "trackingNumber is not everywhere"),
        (True, {}, [], [200], ["p"], "answered with 200, but"),
        (True, {}, [], [200, 200], ["o", "p"], "two answers"),
        (True, {}, [], [422], [], "refused with"),
    ],
)
def test_what_may_not_be_true_of_an_order_is_noticed_and_told(good, items, calls, statuses, ids, noticed):
    wanted = wish(good)
    wanted.statuses, wanted.answers = statuses, [{"order_id": id} for id in ids]
    right, before = ended(wanted)
    for name, change in items.items():
        right[name] = change and right.get(name, {}) | change
    now = kept.Kept(filter(None, right.values()), "run")
    found = list(verdict.violations([wanted], now, before + calls))
    assert [violation for violation in found if noticed and noticed in violation.says] or not (noticed or found)
    for violation in found:
        assert "answered" in "".join(verdict.told(violation, now, before + calls))


def test_two_orders_for_one_key_are_noticed():
    wanted = wish()
    order = {"firstname": "run", "lastname": str(wanted.number), "status": "delivered"}
    two = [item("ORDER", "ORDER", **order) | {"PK": {"S": f"ORDER#{id}"}} for id in "op"]
    says = [violation.says for violation in verdict.violations([wanted], kept.Kept(two, "run"), [])]
    assert "one Idempotency-Key has several orders" in says


def test_a_table_has_a_row_for_each_figure_of_any_run():
    runs = {("sqs", "kills"): {"orders": 5, "faults": 2, "  killed before": 2}, ("sqs", "faults"): {"orders": 50, "faults": 1, "  reset": 1}}
    assert table(runs).splitlines() == [
        "messaging          sqs     sqs",
        "scenario         kills  faults",
        "orders               5      50",
        "faults               2       1",
        "  killed before      2       -",
        "  reset              -       1",
    ]
