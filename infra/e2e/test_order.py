"""The way of an order through the deployed functions: a paid order, a declined order, and every disturbance."""

import json
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from client import GOOD, Customer, wait
from conftest import INFRA, VERSION, run

NUMBER = GOOD["number"]
TO_DELIVERY = {"order-add", "payment-validate", "order-ship", "shipment-send", "shipment-deliver", "order-update"}


def trace(item):
    return item["contexts"]["trace"]["trace_id"]


def one_trace(cloud, order, functions):
    """Waits until these functions have reported the order to Sentry. All reports must belong to one trace."""
    items = lambda: cloud.sentry.about("event", order) + cloud.sentry.about("transaction", order)  # noqa: E731
    named = lambda: {item["server_name"] for item in items()}  # noqa: E731
    wait(lambda: functions <= named())
    assert len({trace(item) for item in items()}) == 1
    assert {item["server_name"] for item in cloud.sentry.about("transaction", order)} >= functions


def test_the_readmes_order_is_delivered(cloud):
    assert "delivered" in run(INFRA.parent / "examples/order.sh", cloud.url)


def test_an_order_is_one_trace_and_one_message_until_its_delivery(cloud):
    customer = Customer(cloud.url)
    id = customer.place()
    customer.wait(id, "delivered")
    one_trace(cloud, id, TO_DELIVERY)
    told = [(event.get("message"), event["level"]) for event in cloud.sentry.about("event", id)]
    assert told == [(f"validation successful for order [{id}]", "info")]


def test_an_order_is_no_message_when_that_is_switched_off(cloud):
    customer, name = Customer(cloud.url), "payment-validate"
    variables = cloud.variables(name)
    assert variables["SENTRY_CAPTURE_SUCCESS"] == "1"

    def is_silent():
        """A warm function may still have the old setting: an order after this one gets the new one."""
        id = customer.place()
        customer.wait(id, "delivered")
        one_trace(cloud, id, TO_DELIVERY)
        return not cloud.sentry.about("event", id)

    cloud.set_variables(name, variables | {"SENTRY_CAPTURE_SUCCESS": "0"})
    try:
        wait(is_silent)
    finally:
        cloud.set_variables(name, variables)


def test_a_declined_card_is_one_error_with_all_that_is_needed_and_nothing_secret(cloud):
    customer = Customer(cloud.url)
    id = customer.place(GOOD | {"expYear": 2020})
    order = customer.wait(id, "error")
    assert order["card"] == {"type": "Visa", "last4": "1111", "expMonth": 12, "expYear": 2020}
    one_trace(cloud, id, {"order-add", "payment-validate", "order-ship"})
    (event,) = cloud.sentry.about("event", id)
    (exception,) = event["exception"]["values"]
    assert exception["value"] == f"validation failed for order [{id}] : creditcard has expired"
    assert (event["release"], event["environment"], event["server_name"]) == (VERSION, "local", "payment-validate")
    crumb = next(crumb for crumb in event["breadcrumbs"]["values"] if crumb["category"] == "CreditCardValidated")
    assert crumb["data"]["OrderID"] == id and crumb["data"]["Success"] is False
    frame = next(frame for frame in reversed(exception["stacktrace"]["frames"]) if frame.get("in_app"))
    assert "capture_error" in frame["context_line"] and frame["filename"].endswith("validate.rs")

    sent = "".join(body for _, _, body in cloud.proxy.sent)
    kept = json.dumps(cloud.dynamodb.scan(TableName=cloud.table)["Items"])
    told = b"".join(cloud.sentry.envelopes).decode()
    logged = (INFRA.parent / cloud.directory / "log").read_text()
    assert id in sent and id in kept and id in told
    for text in (sent, kept, told, logged):
        assert NUMBER not in text and "4111 1111" not in text and '"ccv"' not in text


def poison(name):
    return f'this is no event: {name}, card {NUMBER}'


@pytest.mark.parametrize("function", ["payment-validate", "order-ship", "shipment-send", "shipment-deliver", "order-update"])
def test_a_poison_message_is_a_dead_letter_and_its_batch_mates_are_done(cloud, function):
    customer = Customer(cloud.url)
    ids = [customer.place(), customer.place()]
    for id in ids:
        customer.wait(id, "delivered")
    # Each of these events was handled before. Handling it again must lead to the same end.
    request = next(event for event in cloud.published("PaymentRequestedEvent") if event["data"]["orderID"] == ids[0])
    shipped = {"data": {"trackingNumber": "t", "orderNumber": ids[0]}}
    mates = {
        "payment-validate": request,
        "order-ship": event("CreditCardValidatedEvent", success=True, status=200, message="success", amount="1", transactionID="t", orderID=ids[0]),
        "shipment-send": event("ShipmentRequested", _id=ids[0], delivery="UPS"),
        "shipment-deliver": event("DeliveryDue", **shipped["data"]),
        "order-update": event("ShipmentDelivered", **shipped["data"]),
    }
    cloud.send(function, mates[function], poison(function), mates[function])
    (letter,) = wait(lambda: cloud.dead_letters(function))
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["function"] == function and attributes["reason"] == "body: expected JSON"
    assert NUMBER not in letter["Body"] and "this is no event" in letter["Body"]
    empty(cloud, function)
    assert not cloud.dead_letters(function), "its mates are done"


def event(kind, **data):
    return {"metadata": {"domain": "D", "source": "S", "type": kind, "status": "success"}, "data": data}


def empty(cloud, *functions):
    """Waits until no message waits in these queues and none is being handled."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]

    def is_empty():
        found = [cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue(name), AttributeNames=names) for name in functions]
        return all(int(attributes["Attributes"][name]) == 0 for attributes in found for name in names)

    wait(is_empty)


def test_what_is_delivered_again_changes_nothing(cloud):
    customer = Customer(cloud.url)
    id = customer.place()
    before = customer.wait(id, "delivered")
    events = [
        ("payment-validate", "PaymentRequestedEvent", "orderID"),
        ("order-ship", "CreditCardValidatedEvent", "orderID"),
        ("shipment-send", "ShipmentRequested", "_id"),
        ("shipment-deliver", "DeliveryDue", "orderNumber"),
        ("shipment-deliver", "ShipmentSent", "orderNumber"),  # what an older version sent instead
        ("order-update", "ShipmentSent", "orderNumber"),
        ("order-update", "ShipmentDelivered", "orderNumber"),
    ]
    for function, kind, name in events:
        again = next(event for event in cloud.published(kind) if event["data"][name] == id)
        cloud.send(function, again, again)
    empty(cloud, *dict.fromkeys(function for function, _, _ in events))
    assert customer.order(id) == before
    assert cloud.item(f"PAYMENT#{id}") and cloud.item(f"SHIPMENT#{id}")
    for kind, name in [("CreditCardValidatedEvent", "transactionID"), ("ShipmentSent", "trackingNumber")]:
        told = [event["data"] for event in cloud.published(kind) if event["data"]["orderID"] == id]
        assert len(told) >= 2 and len({data[name] for data in told}) == 1, "told again, and the same"


@pytest.mark.parametrize(
    "function, action",
    [
        ("payment-validate", "dynamodb:PutItem"),
        ("order-ship", "dynamodb:UpdateItem"),
        ("shipment-send", "dynamodb:PutItem"),
        ("shipment-send", "sqs:SendMessage"),
        ("shipment-deliver", "dynamodb:UpdateItem"),
        ("order-update", "dynamodb:UpdateItem"),
    ],
)
def test_a_function_that_is_killed_in_the_middle_is_made_up_for(cloud, function, action):
    customer = Customer(cloud.url)
    cloud.proxy.crash(function, action)
    id = customer.place()
    order = customer.wait(id, "delivered")
    assert function in cloud.proxy.crashed
    cloud.proxy.crashed.remove(function)
    told = {event["data"]["transactionID"] for event in cloud.published("CreditCardValidatedEvent") if event["data"]["orderID"] == id}
    assert told == {order["transactionID"]}, "one payment"
    told = {event["data"]["trackingNumber"] for event in cloud.published("ShipmentSent") if event["data"]["orderID"] == id}
    assert told == {order["trackingNumber"]}, "one shipment"


def test_an_order_whose_client_was_not_answered_is_the_same_order_when_it_is_sent_again(cloud):
    customer = Customer(cloud.url)
    key = {"idempotency-key": str(uuid.uuid4())}
    cloud.proxy.crash("order-add", "TransactWriteItems")
    assert customer.try_to_place(**key).status_code >= 500
    cloud.proxy.crashed.remove("order-add")
    (order,) = customer.orders()
    assert cloud.item_kinds(f"ORDER#{order['_id']}") == {"ORDER", "REQUEST"}
    again = customer.try_to_place(**key)
    assert again.status_code == 200 and again.json()["order_id"] == order["_id"]
    assert again.headers["idempotent-replayed"] == "true"
    # The payment was never requested, because the process was killed before.
    with sweeping(cloud) as sweep:
        wait(lambda: sweep() and customer.order(order["_id"])["status"] == "delivered")
    assert cloud.item_kinds(f"ORDER#{order['_id']}") == {"ORDER"}, "its card is gone"
    one_trace(cloud, order["_id"], TO_DELIVERY - {"order-add"})


@pytest.mark.parametrize(
    "function, action, file, line",
    [
        ("order-user", "dynamodb:Query", "acme-order/src/http/mod.rs", ".of_user("),
        ("order-ship", "dynamodb:UpdateItem", "acme-order/src/advance.rs", "orders.advance("),
    ],
)
def test_a_refused_call_is_shown_in_the_very_line_of_the_stripped_artifact(cloud, function, action, file, line):
    customer = Customer(cloud.url)
    before = len(cloud.sentry.items("event"))
    cloud.proxy.fail(function, action)
    if function == "order-user":
        answer = customer.client.call("get", f"/order/{customer.name}", token=customer.token)
        assert answer.status_code == 500 and answer.json()["message"] == "something went wrong on our side"
    else:
        customer.wait(customer.place(), "delivered")  # the message is received again
    errors = lambda: [  # noqa: E731
        event for event in cloud.sentry.items("event")[before:] if "exception" in event and event["server_name"] == function
    ]
    (event,) = wait(errors)
    shown = [
        frame
        for exception in event["exception"]["values"]
        for frame in exception.get("stacktrace", {}).get("frames", [])
        if frame.get("filename", "").endswith(file)
    ]
    assert any(line in frame.get("context_line", "") for frame in shown), event["exception"]
    assert event.get("level", "error") == ("error" if function == "order-user" else "warning")


@contextmanager
def sweeping(cloud):
    """Lets the sweep push orders that stand still for a second. Gives a function that runs the sweep."""
    name = "acme-local-order-sweep"
    variables = cloud.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    change = lambda seconds: cloud.functions.update_function_configuration(  # noqa: E731
        FunctionName=name, Environment={"Variables": variables | {"SWEEP_AFTER_SECONDS": seconds}}
    )
    change("1")
    try:
        # A warm function may still have the old bound, so a test asks again and again.
        yield lambda: cloud.functions.invoke(FunctionName=name)["StatusCode"] == 200
    finally:
        change(variables["SWEEP_AFTER_SECONDS"])


def test_the_sweep_goes_on_with_what_got_lost_and_with_what_a_wrong_clock_hid(cloud):
    customer = Customer(cloud.url)
    lost, hidden = customer.place(), customer.place()
    for id in (lost, hidden):
        customer.wait(id, "delivered")
    # As if the event after order-ship had been lost: the order has the status `success` and is pending. One order has
    # been since long ago. The other, by a clock that was ahead, has been since tomorrow.
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for id, since in [(lost, "2026-01-01T00:00:00.000Z"), (hidden, tomorrow)]:
        values = {":s": {"S": "success"}, ":r": {"N": "1"}, ":p": {"S": "PENDING#0"}, ":k": {"S": since}}
        cloud.dynamodb.update_item(
            TableName=cloud.table,
            Key=key_of(cloud.item(f"ORDER#{id}")),
            UpdateExpression="SET #s = :s, #r = :r, PendingPK = :p, PendingSK = :k",
            ExpressionAttributeNames={"#s": "status", "#r": "rank"},
            ExpressionAttributeValues=values,
        )
    with sweeping(cloud) as sweep:
        wait(lambda: sweep() and {customer.order(id)["status"] for id in (lost, hidden)} == {"delivered"})
    told = [event.get("message", "") for id in (lost, hidden) for event in cloud.sentry.about("event", id)]
    assert sum("stood still as success: ShipmentRequested was sent again" in text for text in told) >= 2


def key_of(item):
    return {name: item[name] for name in ("PK", "SK")}


def test_what_is_no_event_reaches_nobody_through_the_bus(cloud):
    put = lambda kind, source: cloud.events.put_events(  # noqa: E731
        Entries=[{"EventBusName": "acmeserverless-local", "Source": source, "DetailType": kind, "Detail": json.dumps({"metadata": {}})}]
    )
    for kind, source in [("Unheard", "acme.order"), ("PaymentRequestedEvent", "acme.somebody"), ("ShipmentRequested", "acme.order")]:
        assert put(kind, source)["FailedEntryCount"] == 0
    (letter,) = wait(lambda: cloud.dead_letters("shipment-send"))
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("metadata.type: expected")
    empty(cloud, "payment-validate", "order-ship", "shipment-send", "order-update")
    assert not cloud.dead_letters("payment-validate")
