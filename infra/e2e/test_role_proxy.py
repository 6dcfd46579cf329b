"""Tests of the role proxy: it refuses what a role does not allow, and reports what a role allows and nobody used."""

import pytest
from role_proxy import RoleProxy, calls

ENVIRONMENT = {"STAGE": "local", "TABLE_NAME": "t", "MESSAGING": "sqs"}
QUERY = {"TableName": "t", "KeyConditionExpression": "PK = :pk AND SK > :sk"}
PUT = {"Put": {"TableName": "t", "Item": {"PK": {"S": "ORDER#1"}}}}


def query(key, **more):
    return "DynamoDB_20120810.Query", QUERY | {"ExpressionAttributeValues": {":pk": {"S": key}}} | more


def send(queue):
    return "AmazonSQS.SendMessageBatch", {"QueueUrl": f"http://h/1/acme-local-{queue}", "Entries": []}


@pytest.mark.parametrize(
    "function, call, allowed",
    [
        ("cart-items", query("CART#u"), True),
        ("cart-items", query("USER#u"), False),
        ("cart-items", query("CART#u", IndexName="list"), False),
        ("cart-all", query("CARTS#1", IndexName="list"), True),
        ("cart-all", query("CART#u"), False),
        ("order-add", ("DynamoDB_20120810.TransactWriteItems", {"TransactItems": [PUT]}), True),
        ("order-update", ("DynamoDB_20120810.TransactWriteItems", {"TransactItems": [PUT]}), False),
        ("catalog-get", ("DynamoDB_20120810.DeleteItem", {"TableName": "t", "Key": {"PK": {"S": "PRODUCT#1"}}}), False),
        ("order-sweep", send("payment-validate"), True),
        ("order-sweep", send("order-ship"), False),
        ("payment-validate", send("payment-validate-dead"), True),
        ("order-add", ("AmazonSSM.GetParameter", {"Name": "/acme/local/card/public-key"}), True),
        ("order-add", ("AmazonSSM.GetParameter", {"Name": "/acme/local/card/private-key"}), False),
        ("order-add", ("AWSEvents.PutEvents", {"Entries": [{"DetailType": "PaymentRequestedEvent", "Source": "acme.order"}]}), True),
        ("order-add", ("AWSEvents.PutEvents", {"Entries": [{"DetailType": "ShipmentSent", "Source": "acme.order"}]}), False),
    ],
    ids=str,
)
def test_it_holds_functions_to_their_roles(function, call, allowed):
    proxy = RoleProxy(0)
    messaging = "eventbridge" if call[0].startswith("AWSEvents") else "sqs"
    environment = ENVIRONMENT | {"MESSAGING": messaging}
    try:
        before = proxy.unused(function, messaging)
        assert all([proxy.allows(function, environment, *asked) for asked in calls(*call, environment)]) == allowed
        assert (proxy.unused(function, messaging) != before) == allowed
    finally:
        proxy.close()
