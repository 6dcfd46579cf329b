"""What the shop is, written out once: the template is held against these tables, and they against nothing."""

# The routes of the contract, and who asks for a token: function, method, path.
ROUTES = [
    ("cart-item-add", "post", "/cart/item/add/{userid}"),
    ("cart-all", "get", "/cart/all"),
    ("cart-clear", "get", "/cart/clear/{userid}"),
    ("cart-clear", "delete", "/cart/clear/{userid}"),
    ("cart-item-modify", "post", "/cart/item/modify/{userid}"),
    ("cart-item-total", "get", "/cart/items/total/{userid}"),
    ("cart-modify", "post", "/cart/modify/{userid}"),
    ("cart-total", "get", "/cart/total/{userid}"),
    ("cart-items", "get", "/cart/items/{userid}"),
    ("catalog-all", "get", "/products"),
    ("catalog-get", "get", "/products/{id}"),
    ("catalog-add", "post", "/products"),
    ("catalog-add", "post", "/product"),
    ("order-add", "post", "/order/add/{userid}"),
    ("order-all", "get", "/order/all"),
    ("order-user", "get", "/order/{userid}"),
    ("user-all", "get", "/users"),
    ("user-get", "get", "/users/{id}"),
    ("user-login", "post", "/login"),
    ("user-refresh-token", "post", "/refresh-token"),
    ("user-verify-token", "post", "/verify-token"),
    ("user-register", "post", "/register"),
]
PUBLIC = {
    "catalog-all",
    "catalog-get",
    "user-login",
    "user-refresh-token",
    "user-verify-token",
    "user-register",
}

HTTP = list(dict.fromkeys(function for function, _, _ in ROUTES))
CONSUMERS = ["payment-validate", "order-ship", "shipment-send", "shipment-deliver", "order-update"]
FUNCTIONS = HTTP + CONSUMERS + ["order-sweep"]

# The events: every spelling that is read, the one that is written first; the bus's source; who gets it.
EVENTS = [
    (["PaymentRequestedEvent", "PaymentRequested"], "acme.order", "payment-validate"),
    (["CreditCardValidatedEvent", "CreditCardValidated"], "acme.payment", "order-ship"),
    (["ShipmentRequested"], "acme.order", "shipment-send"),
    (["ShipmentSent", "SentShipment"], "acme.shipment", "order-update"),
    (["ShipmentDelivered", "DeliveredShipment"], "acme.shipment", "order-update"),
]

# Who publishes what.
PUBLISHERS = {
    "order-add": ["PaymentRequestedEvent"],
    "payment-validate": ["CreditCardValidatedEvent"],
    "order-ship": ["ShipmentRequested"],
    "shipment-send": ["ShipmentSent", "ShipmentDelivered"],
    "shipment-deliver": ["ShipmentDelivered"],
    "order-sweep": ["PaymentRequestedEvent", "ShipmentRequested"],
}

# What each function asks of the table: the actions, the table or one of its indexes, the prefixes of the leading key.
TABLE = {
    "cart-item-add": [
        ("Query UpdateItem", "Table", "CART#"),
        ("BatchGetItem", "Table", "PRODUCT#"),
        ("PutItem DeleteItem", "Table", "IDEMPOTENCY#"),
    ],
    "cart-all": [("Query", "list", "CARTS#")],
    "cart-clear": [("Query DeleteItem", "Table", "CART#")],
    "cart-item-modify": [("UpdateItem DeleteItem", "Table", "CART#")],
    "cart-item-total": [("Query", "Table", "CART#")],
    "cart-modify": [
        ("Query PutItem DeleteItem", "Table", "CART#"),
        ("BatchGetItem", "Table", "PRODUCT#"),
    ],
    "cart-total": [("Query", "Table", "CART#")],
    "cart-items": [("Query", "Table", "CART#")],
    "catalog-all": [("Query", "list", "PRODUCTS#")],
    "catalog-get": [("GetItem", "Table", "PRODUCT#")],
    "catalog-add": [("PutItem", "Table", "PRODUCT# IDEMPOTENCY#"), ("DeleteItem", "Table", "IDEMPOTENCY#")],
    "order-add": [
        ("PutItem", "Table", "ORDER# IDEMPOTENCY#"),
        ("DeleteItem", "Table", "IDEMPOTENCY#"),
        ("BatchGetItem", "Table", "PRODUCT#"),
    ],
    "order-all": [("Query", "list", "ORDERS#")],
    "order-user": [("Query", "orders-by-user", "USER#")],
    "user-all": [("Query", "list", "USERS#")],
    "user-get": [("GetItem", "Table", "USER#")],
    "user-login": [("Query UpdateItem DeleteItem", "Table", "LOGIN#")],
    "user-refresh-token": [("GetItem", "Table", "USER#")],
    "user-verify-token": [],
    "user-register": [("PutItem", "Table", "LOGIN# USER# IDEMPOTENCY#"), ("DeleteItem", "Table", "IDEMPOTENCY#")],
    "payment-validate": [("PutItem GetItem", "Table", "PAYMENT#")],
    "order-ship": [("UpdateItem GetItem DeleteItem", "Table", "ORDER#")],
    "shipment-send": [("PutItem GetItem", "Table", "SHIPMENT#")],
    "shipment-deliver": [("UpdateItem GetItem", "Table", "SHIPMENT#")],
    "order-update": [("UpdateItem GetItem", "Table", "ORDER#")],
    "order-sweep": [("Query", "pending", "PENDING#"), ("UpdateItem BatchGetItem", "Table", "ORDER#")],
}

# The keys in Parameter Store: the variable that names one, the last part of its name, who reads it.
KEYS = {
    "JWT_PUBLIC_KEYS_PARAMETER": (
        "jwt/public-keys",
        set(HTTP) - PUBLIC | {"user-refresh-token", "user-verify-token"},
    ),
    "JWT_PRIVATE_KEY_PARAMETER": ("jwt/private-key", {"user-login", "user-refresh-token"}),
    "CARD_PUBLIC_KEY_PARAMETER": ("card/public-key", {"order-add"}),
    "CARD_PRIVATE_KEY_PARAMETER": ("card/private-key", {"payment-validate"}),
}


def pascal(name):
    """A function's name as its resources have it."""
    return "".join(part.capitalize() for part in name.split("-"))


def consumer(event):
    """Who gets an event, by any of its names."""
    return next(who for names, _, who in EVENTS if event in names)


def source(event):
    """The source that an event has on the bus."""
    return next(source for names, source, _ in EVENTS if event in names)


def environment(function, messaging):
    """The variables that a function's binary reads; resources stand for what a reference to them gives."""
    variables = {"STAGE": "dev", "VERSION": "0123abc", "SENTRY_DSN": "/Sentry/Dsn"}
    if function in HTTP:
        variables |= {"AUTH_MODE": "1", "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH": "true"}
    if TABLE[function]:
        variables["TABLE_NAME"] = "Table"
    for name, (parameter, readers) in KEYS.items():
        if function in readers:
            variables[name] = f"/acme/dev/{parameter}"
    if function in PUBLISHERS:
        variables["MESSAGING"] = messaging
        if messaging == "eventbridge":
            variables["EVENT_BUS_NAME"] = "Bus"
        else:
            for to in map(consumer, PUBLISHERS[function]):
                variables[to.upper().replace("-", "_") + "_QUEUE_URL"] = f"{pascal(to)}Queue"
    if function == "shipment-send":
        variables |= {"SHIPMENT_DELIVER_QUEUE_URL": "ShipmentDeliverQueue", "DELIVERY_SECONDS": "5-119"}
    if function in CONSUMERS:
        variables["DEAD_LETTER_QUEUE_URL"] = f"{pascal(function)}DeadLetters"
    if function == "order-sweep":
        variables["SWEEP_AFTER_SECONDS"] = "300"
    return variables


def permissions(function, messaging):
    """What a function's role allows, as (action, resource, condition)."""
    allowed = {
        ("xray:PutTraceSegments", "*", ""),
        ("xray:PutTelemetryRecords", "*", ""),
        ("logs:CreateLogStream", f"{pascal(function)}Logs.Arn", ""),
        ("logs:PutLogEvents", f"{pascal(function)}Logs.Arn", ""),
    }
    for actions, where, prefixes in TABLE[function]:
        resource = "Table.Arn" if where == "Table" else f"Table.Arn/index/{where}"
        keys = "ForAllValues:StringLike dynamodb:LeadingKeys " + " ".join(sorted(f"{p}*" for p in prefixes.split()))
        allowed |= {(f"dynamodb:{action}", resource, keys) for action in actions.split()}
    for parameter, readers in KEYS.values():
        if function in readers:
            arn = f"arn:aws:ssm:us-east-1:123456789012:parameter/acme/dev/{parameter}"
            allowed.add(("ssm:GetParameter", arn, ""))
    if function in CONSUMERS:
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            allowed.add((f"sqs:{action}", f"{pascal(function)}Queue.Arn", ""))
        allowed.add(("sqs:SendMessage", f"{pascal(function)}DeadLetters.Arn", ""))
    if function == "shipment-send":
        allowed.add(("sqs:SendMessage", "ShipmentDeliverQueue.Arn", ""))
    events = PUBLISHERS.get(function, [])
    if events and messaging == "eventbridge":
        types = "StringEquals events:detail-type " + " ".join(sorted(events))
        sources = "StringEquals events:source " + " ".join(sorted({source(event) for event in events}))
        allowed.add(("events:PutEvents", "Bus.Arn", f"{types}; {sources}"))
    elif events:
        allowed |= {("sqs:SendMessage", f"{pascal(consumer(event))}Queue.Arn", "") for event in events}
    return allowed
