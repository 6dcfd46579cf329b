"""A poison message in the deployed shop: it is listed with its reason, and is handled after a redrive."""

import pytest
from client import Customer, wait
from conftest import INFRA, run
from test_order import TO_DELIVERY, one_trace


def dead_letters(cloud, command, **variables):
    """The output of the script, run with the variables of the cloud's env file."""
    place = {"STAGE": "local", "AWS_ENDPOINT_URL": cloud.aws["endpoint_url"], "AWS_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return run(INFRA / "dead-letters", command, **place, **keys, **variables)


def listed(cloud, order):
    """The rows about an order: queue, receive count, reason."""
    rows = [line.split(maxsplit=5) for line in dead_letters(cloud, "list", ORDER=order).splitlines()]
    return [[row[1], row[3], row[5]] for row in rows if len(row) == 6 and row[4] == order]


def levels(cloud, order, function):
    """The levels of the errors that a function has sent to Sentry about an order."""
    told = [event for event in cloud.sentry.about("event", order) if event["server_name"] == function]
    return [event.get("level", "error") for event in told if "exception" in event]


@pytest.mark.parametrize(
    "function, action",
    [("payment-validate", "dynamodb:PutItem"), ("shipment-deliver", "dynamodb:UpdateItem")],
)
def test_a_poisoned_message_is_listed_with_its_reason_mended_sent_back_and_done(cloud, function, action):
    customer = Customer(cloud.url)
    with cloud.proxy.refusing(function, action):
        id = customer.place()
        (row,) = wait(lambda: listed(cloud, id))
        queue, received, reason = row
        assert (queue, received) == (function, "5")
        assert reason.startswith("the store refused the request or holds bad data: ") and "AccessDenied" in reason
        wait(lambda: levels(cloud, id, function) == ["warning"] * 4 + ["error"])
        # If it is sent back too early, it fails again and is a dead letter again.
        assert "sent back 1 dead letter" in dead_letters(cloud, "redrive", ORDER=id)
        wait(lambda: listed(cloud, id))
    assert "would be sent back" in dead_letters(cloud, "redrive", ORDER=id, DRY_RUN="1")
    assert len(listed(cloud, id)) == 1, "nothing was sent"
    assert f"1 of 1 went back to {function}, order {id}" in dead_letters(cloud, "redrive", ORDER=id)
    customer.wait(id, "delivered")
    assert not listed(cloud, id)
    one_trace(cloud, id, TO_DELIVERY)


def test_what_sqs_moved_by_itself_is_listed_without_a_reason_and_sent_back(cloud):
    """The function cannot send its dead letter, either."""
    customer = Customer(cloud.url)
    with cloud.proxy.refusing("order-ship", "dynamodb:UpdateItem", "sqs:SendMessage"):
        id = customer.place()
        assert wait(lambda: listed(cloud, id)) == [["order-ship", "5", "no reason: moved by SQS after 5 receives"]]
    dead_letters(cloud, "redrive", QUEUE="order-ship")
    customer.wait(id, "delivered")
    assert not listed(cloud, id)
    one_trace(cloud, id, TO_DELIVERY)


def test_a_running_shop_is_asked_by_its_routes(local):
    assert run(INFRA / "dead-letters", "list", URL=local) == "there are no dead letters\n"
    assert run(INFRA / "dead-letters", "redrive", URL=local) == "there are no dead letters\n"
