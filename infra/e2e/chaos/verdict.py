"""What must be true of every order at the end of a run, and all that is known of an order for which it is not true."""

import json
from collections import defaultdict

from chaos.kept import published, text


class Violation:
    def __init__(self, wish, id, says):
        self.wish, self.id, self.says = wish, id, says

    def __str__(self):
        return f"order {self.wish.number} [{self.id or 'not kept'}]: {self.says}"


def violations(wishes, kept, calls):
    """Everything that is wrong with the orders of these wishes."""
    told = defaultdict(lambda: (set(), set()))
    for _, _, data in published(calls):
        transactions, numbers = told[data.get("orderID")]
        transactions.update(filter(None, [data.get("transactionID")]))
        numbers.update(filter(None, [data.get("trackingNumber")]))
    for wish in wishes:
        yield from faults_of_wish(wish, kept)
        for id in kept.of(wish.number):
            for says in faults_of_order(wish, kept, id, *told[id]):
                yield Violation(wish, id, says)


def faults_of_wish(wish, kept):
    found, unexpected = kept.of(wish.number), [status for status in wish.statuses if status in range(400, 500)]
    unexpected = set(unexpected) - {401, 409, 429}
    if len(found) > 1:
        yield Violation(wish, ", ".join(found), "one Idempotency-Key has several orders")
    if wish.ids and wish.ids != set(found):
        yield Violation(wish, ", ".join(wish.ids), f"answered with 200, but {found or 'nothing'} is kept")
    if len({json.dumps(answer, sort_keys=True) for answer in wish.answers}) > 1:
        yield Violation(wish, ", ".join(found), f"two answers for one Idempotency-Key: {wish.answers}")
    if unexpected:
        yield Violation(wish, ", ".join(found), f"refused with {unexpected}")


def faults_of_order(wish, kept, id, transactions, numbers):
    ends = "delivered" if wish.good else "error"
    payments, shipments = kept.named(id, "PAYMENT"), kept.named(id, "SHIPMENT")
    if kept.status(id) != ends:
        yield f"it is '{kept.status(id)}', and should be '{ends}'"
    if len(payments) != 1:
        yield f"{len(payments)} payments"
    if len(shipments) != wish.good:
        yield f"{len(shipments)} shipments"
    if kept.named(id, "REQUEST"):
        yield "its sealed card is still kept"
    if len(transactions) > 1:
        yield f"several transactions were published: {sorted(transactions)}"
    if len(numbers) > 1:
        yield f"several tracking numbers were published: {sorted(numbers)}"
    order = kept.orders[id]
    for name, items, others in [("transactionId", payments, transactions), ("trackingNumber", shipments, numbers)]:
        stand = {text(item, name) for item in [order, *items]} | (others - {"-1"})
        if wish.good and (len(stand) != 1 or None in stand):
            yield f"its {name} is not everywhere the same: {stand}"


def told(violation, kept, calls):
    """The violation, with the order's items and its calls through the proxy, line by line."""
    yield f"VIOLATION: {violation}"
    yield f"  asked for with a {'good' if violation.wish.good else 'bad'} card, answered {violation.wish.statuses}"
    for id in kept.of(violation.wish.number):
        for item in kept.items[id]:
            yield "  kept: " + json.dumps({name: shown(name, value) for name, value in item.items()})
        first = calls[0].at if calls else 0
        for call in calls:
            if id in call.body:
                outcome = f"{call.status or 'not answered'}{f' ({call.fault})' if call.fault else ''}"
                yield f"  {call.at - first:8.3f} s {call.function} [{call.pid}] {call.target} {outcome} {brief(call)}"


def shown(name, value):
    (value,) = value.values()
    return {part: "..." if part == "sealed" else shown(part, inner) for part, inner in value.items()} if isinstance(value, dict) else value


def brief(call):
    """What distinguishes the call from others of its kind. It shows no cards and no traces."""
    asked = json.loads(call.body)
    keys = [item for part in asked.get("TransactItems", []) for kind in part.values() for item in [kind.get("Item", kind.get("Key"))]]
    keys += [asked[name] for name in ("Key", "Item") if name in asked]
    rest = [f"{key['PK']['S']}/{key['SK']['S']}" for key in keys] + [asked.get("UpdateExpression", "")]
    rest += [kind for _, kind, _ in published([call])]
    return " ".join(filter(None, rest))
