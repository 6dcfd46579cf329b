"""What the shop has stored about a run's orders, and which events its functions have published about them."""

import json
from collections import defaultdict

FINAL = {"delivered", "error"}
RANKS = {"Pending Payment": 0, "success": 1, "shipped - pending delivery": 2, "delivered": 3, "error": 3}


class Kept:
    """A run's orders by their ids, and all items that belong to them, from the items of the table."""

    def __init__(self, items, run):
        self.orders = {}
        self.items = defaultdict(list)
        for item in items:
            kind, _, id = item["PK"]["S"].partition("#")
            if kind in ("ORDER", "PAYMENT", "SHIPMENT"):
                self.items[id].append(item)
            if text(item, "SK") == "ORDER" and text(item, "firstname") == run:
                self.orders[id] = item

    def of(self, number):
        """The ids of the orders of one wish."""
        return [id for id, item in self.orders.items() if item["lastname"]["S"] == str(number)]

    def status(self, id):
        return text(self.orders[id], "status")

    def all(self, name):
        """The items with this sort key of all orders."""
        return [item for id in self.orders for item in self.named(id, name)]

    def named(self, id, name):
        """The order's items with this sort key."""
        return [item for item in self.items[id] if item["SK"]["S"] == name]


def text(item, name):
    return item[name]["S"] if name in item else None


def statuses(cloud, run):
    """The present statuses of a run's orders, by their ids."""
    where = {"FilterExpression": "firstname = :run", "ExpressionAttributeValues": {":run": {"S": run}}}
    what = {"ProjectionExpression": "id, #status", "ExpressionAttributeNames": {"#status": "status"}}
    return {text(item, "id"): text(item, "status") for item in scan(cloud, **where, **what)}


def scan(cloud, **more):
    for page in cloud.dynamodb.get_paginator("scan").paginate(TableName=cloud.table, ConsistentRead=True, **more):
        yield from page["Items"]


def published(calls):
    """The events that functions have published, including those that nobody received: the function, the type, the data."""
    for call in calls:
        for body in bodies(call):
            try:
                event = json.loads(body)
                yield call.function, event["metadata"]["type"], event["data"]
            except (ValueError, KeyError, TypeError):
                continue


def bodies(call):
    asked = json.loads(call.body)
    if call.target == "AWSEvents.PutEvents":
        return [entry["Detail"] for entry in asked["Entries"]]
    if not call.target.startswith("AmazonSQS.") or asked["QueueUrl"].endswith("-dead"):
        return []
    return [entry["MessageBody"] for entry in asked.get("Entries", [asked])]
