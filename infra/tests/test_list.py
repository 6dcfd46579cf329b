"""The generated files follow from the list of functions: a row gives the resources of its function, and no others."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from shop import FUNCTIONS, LIST, ROWS, pascal
from template import INFRA, Stack, each, parse, spoil, stack
from test_tools import lint

sys.path.insert(0, str(INFRA))
from generator import BadRow, generated  # noqa: E402

TEXT = LIST.read_text()
# The resources of a function's row, by the ends of their names.
PARTS = "Function|Role|Logs|Queue|DeadLetters|QueuePolicy|Rule"


def without(name):
    """The list without a function's row."""
    text, count = re.subn(rf"^\[function\.{name}\]\n.*?(?=^#|^\[|\Z)", "", TEXT, flags=re.DOTALL | re.MULTILINE)
    assert count == 1
    return text


def resources(text, path):
    return each(parse(generated(text)[path]))["Resources"]


def check(folder):
    """Runs `infra/generate --check` on a copy."""
    return subprocess.run([folder / "infra/generate", "--check"], capture_output=True, text=True, timeout=60)


@pytest.fixture
def copy(tmp_path):
    """Copies the files that the generator reads and writes to another folder."""
    for path in ("infra/generator", "infra/base"):
        shutil.copytree(INFRA.parent / path, tmp_path / path)
    for path in ("infra/generate", "infra/template.yaml", "infra/monitoring.yaml", "functions/functions.toml", "docs/functions.md"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(INFRA.parent / path, tmp_path / path)
    return tmp_path


def test_nothing_is_stale():
    for path, text in generated(TEXT).items():
        assert (INFRA.parent / path).read_text() == text, f"{path} is not what the list says: run `make generate`"


@pytest.mark.parametrize("path", ["infra/template.yaml", "infra/monitoring.yaml", "docs/functions.md"])
def test_a_stale_file_is_found(copy, path):
    assert (check(copy).returncode, check(copy).stderr) == (0, "")
    (copy / path).write_text((copy / path).read_text().replace("cart-all", "cart-al", 1))
    found = check(copy)
    assert found.returncode == 1 and found.stderr.startswith(f"generate: {path} is not what")


def test_a_changed_row_makes_files_stale(copy):
    (copy / "functions/functions.toml").write_text(spoil(TEXT, "memory = 1024", "memory = 512"))
    assert check(copy).returncode == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_its_row_a_function_vanishes(name):
    before, after = (resources(text, "infra/template.yaml") for text in (TEXT, without(name)))
    own = {resource for resource in before if re.fullmatch(f"{pascal(name)}({PARTS})", resource)}
    assert len(own) == {"consumes": 7, "routes": 3, "every_minutes": 3}[kind(name)] - (name == "shipment-deliver")
    assert set(before) - set(after) == own and not set(after) - set(before)
    assert not re.search(rf"\b{pascal(name)}({PARTS})\b|acme-\$\{{Stage\}}-{name}\b", json.dumps(after))
    # Nothing else changes, except the functions that publish to it, and the API's limits.
    publishers = {
        pascal(other) + part
        for other, row in FUNCTIONS.items()
        if "publishes" in row and kind(name) == "consumes"
        for part in ("Function", "Role")
    }
    rated = {"Api"} if "rate" in FUNCTIONS[name] else set()
    assert {resource for resource in after if after[resource] != before[resource]} <= publishers | rated
    alarms, left = (resources(text, "infra/monitoring.yaml") for text in (TEXT, without(name)))
    gone = [alarms[alarm]["Properties"] for alarm in set(alarms) - set(left)]
    assert len(gone) >= 3 and not set(left) - set(alarms)
    for alarm in gone:
        watched = {d["Value"]["Fn::Sub"] for d in alarm["Dimensions"] if isinstance(d["Value"], dict) and "Fn::Sub" in d["Value"]}
        assert watched <= {f"acme-${{Stage}}-{name}", f"acme-${{Stage}}-{name}-dead"}
    assert f"`{name}`" not in generated(without(name))["docs/functions.md"]


@pytest.mark.parametrize("name", ["order-ship", "user-login", "order-sweep"])
def test_without_its_row_the_template_is_still_one(name, tmp_path):
    (tmp_path / "template.yaml").write_text(generated(without(name))["infra/template.yaml"])
    done = lint(tmp_path / "template.yaml")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def kind(name):
    return next(kind for kind in ("routes", "consumes", "every_minutes") if kind in FUNCTIONS[name])


def test_an_event_reaches_each_of_its_consumers():
    """Two functions consume one event. One of them also gets events of another source, and a delayed event. In both modes, each
    gets its events."""
    row = '\n[function.order-mail]\nconsumes = ["CreditCardValidated", "ShipmentSent", "DeliveryDue"]\n'
    text = generated(TEXT + row)["infra/template.yaml"]
    direct, by_bus = stack(text, "sqs"), stack(text, "eventbridge")
    assert "OrderMailQueue" in direct.names
    for publisher, event, first in [
        ("PaymentValidate", "CREDIT_CARD_VALIDATED_EVENT", "OrderShip"),
        ("ShipmentSend", "SHIPMENT_SENT", "OrderUpdate"),
        ("ShipmentSend", "DELIVERY_DUE", "ShipmentDeliver"),
    ]:
        for found in (direct, by_bus):
            given = found.resources[f"{publisher}Function"]["Properties"]["Environment"]["Variables"]
            allowed = json.dumps(found.resources[f"{publisher}Role"])
            if found is direct or event == "DELIVERY_DUE":
                assert given[f"{event}_QUEUE_URLS"] == f"{first}Queue,OrderMailQueue"
                assert f"{first}Queue.Arn" in allowed and "OrderMailQueue.Arn" in allowed
            else:
                assert f"{event}_QUEUE_URLS" not in given
    assert "Queue.Arn" not in json.dumps(by_bus.resources["OrderShipRole"]).replace("OrderShipQueue.Arn", "")
    rules = by_bus.of("AWS::Events::Rule")
    patterns = [rules[rule]["EventPattern"] for rule in ("OrderMailRule", "OrderMailShipmentRule")]
    assert patterns == [
        {"source": ["acme.payment"], "detail-type": ["CreditCardValidatedEvent", "CreditCardValidated"]},
        {"source": ["acme.shipment"], "detail-type": ["ShipmentSent", "SentShipment"]},
    ]
    policy = json.dumps(by_bus.resources["OrderMailQueuePolicy"])
    assert "OrderMailRule.Arn" in policy and "OrderMailShipmentRule.Arn" in policy
    alarms = Stack(generated(TEXT + row)["infra/monitoring.yaml"], Stage="dev").of("AWS::CloudWatch::Alarm")
    lost = [d["Value"] for a in alarms.values() if a["Namespace"] == "AWS/Events" for d in a["Dimensions"]]
    assert {rules["OrderMailRule"]["Name"], rules["OrderMailShipmentRule"]["Name"]} <= set(lost)


def test_each_event_has_somebody_at_both_ends():
    for event in ROWS["event"]:
        assert any(event in row.get("publishes", []) for row in FUNCTIONS.values()), event
        assert any(event in row.get("consumes", []) for row in FUNCTIONS.values()), event


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("[function.cart-all]", "[function.Cart-all]", "function.Cart-all: expected lower-case words"),
        ("[function.cart-all]", "[functions.cart-all]", "the list: expected [event.NAME] and [function.name] only"),
        ("[function.cart-all]", "[function.cart-all", "line"),
        ('callers = "staff"\n', "", "function.cart-all.callers: expected with routes"),
        ('callers = "staff"', 'callers = "stuff"', "function.cart-all.callers: expected one of"),
        ('callers = "staff"', "callers = 1", "function.cart-all.callers: expected str"),
        ('callers = "staff"', 'caller = "staff"', "function.cart-all.caller: unknown field"),
        ('"GET /cart/all"', '"GET /cart/all/"', "function.cart-all.routes: 'GET /cart/all/': expected a method and a path"),
        ('"GET /cart/all"', '"get /cart/all"', "function.cart-all.routes"),
        ('"GET /cart/all"', '"GET /products"', "GET /products: a route stands in the list twice"),
        ('["GET /cart/all"]', '"GET /cart/all"', "function.cart-all.routes: expected list"),
        ('routes = ["GET /cart/all"]', "memory = 256", "function.cart-all: expected one of routes"),
        ('consumes = ["PaymentRequested"]', 'consumes = ["Payment"]', "function.payment-validate.consumes: there is no event Payment"),
        ('publishes = ["ShipmentRequested"]', 'publishes = ["Shipped"]', "function.order-ship.publishes: there is no event Shipped"),
        ('do = ["GetItem"]', 'do = ["Get*"]', "function.catalog-get.table.do: Get*: expected one of"),
        ('keys = ["CARTS#"]', 'keys = ["*"]', "function.cart-all.table.keys: '*': expected a prefix"),
        (', keys = ["CARTS#"]', "", "function.cart-all.table: expected keys as well"),
        ("memory = 1024", "memory = 64", "function.user-login.memory: expected 128 to 10240"),
        ("memory = 1024", "timeout = 30", "function.user-login.timeout: expected at most 29"),
        ("timeout = 50", "timeout = 60", "function.order-sweep.timeout: expected less than the time to the next run"),
        ("every_minutes = 1", "every_minutes = 90", "function.order-sweep.every_minutes: expected 1 to 60"),
        ("concurrency = 10", "concurrency = 1", "function.payment-validate.concurrency: expected at least 2"),
        ('["card/private-key"]', '["*"]', "function.payment-validate.parameters: '*'"),
        ('"DeliverySeconds"', "5", "function.shipment-send.variables.DELIVERY_SECONDS: expected the name"),
        ('rate = "PasswordsPerSecond"', 'rate = "10: {}"', "function.user-login.rate: expected the name"),
        ('index = "pending"', 'index = "*"', "function.order-sweep.table.index: '*': expected an index"),
        ('source = "acme.payment"', 'source = "[acme]"', "event.CreditCardValidated.source: '[acme]': expected such as"),
        ('"SentShipment"', '"a, b"', "event.ShipmentSent.names: 'a, b': expected letters"),
        ("delayed = true", "delayed = false", "event.DeliveryDue.names: expected either"),
        ('source = "acme.payment"\n', "", "event.CreditCardValidated.source: expected a source"),
        ('"SentShipment"', '"ShipmentRequested"', "ShipmentRequested: a name of an event stands in the list twice"),
    ],
)
def test_a_bad_list_is_refused(old, new, complaint):
    with pytest.raises(BadRow, match=re.escape(complaint)):
        generated(spoil(TEXT, old, new))
