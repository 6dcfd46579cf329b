"""The alarms watch every function, every queue and every rule, with the right names."""

import json

import pytest

from shop import CONSUMERS, FUNCTIONS, SCHEDULED
from template import MONITORING, Stack, spoil, stack


def check(text=MONITORING):
    watched = Stack(text, Stage="dev", EventBusName="acmeserverless", AlarmTopicArn="arn:topic")
    shop = stack()
    alarms = {}
    for alarm in watched.of("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmName"] not in alarms
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["arn:topic"]
        assert alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]
        alarms[alarm["AlarmName"]] = alarm
        names = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
        assert names.get("FunctionName", "acme-dev-cart-all") in {
            function["FunctionName"] for function in shop.of("AWS::Lambda::Function").values()
        }
        assert names.get("QueueName", "acme-dev-order-ship") in {
            queue["QueueName"] for queue in shop.of("AWS::SQS::Queue").values()
        }
    metrics = {(a["MetricName"], d["Value"]): a for a in alarms.values() for d in a["Dimensions"]}
    for name in FUNCTIONS:
        for metric in ("Errors", "Throttles", "Duration"):
            assert (metric, f"acme-dev-{name}") in metrics, (metric, name)
        slow = metrics["Duration", f"acme-dev-{name}"]
        timeout = next(
            f["Timeout"] for f in shop.of("AWS::Lambda::Function").values() if f["FunctionName"] == f"acme-dev-{name}"
        )
        assert slow["ExtendedStatistic"] == "p99" and slow["Threshold"] < timeout * 1000
    for name in CONSUMERS:
        dead = metrics["ApproximateNumberOfMessagesVisible", f"acme-dev-{name}-dead"]
        assert (dead["Threshold"], dead["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
        assert (dead["Statistic"], dead["EvaluationPeriods"]) == ("Maximum", 1)
        assert ("ApproximateAgeOfOldestMessage", f"acme-dev-{name}") in metrics
    lost = [alarm for alarm in alarms.values() if alarm["MetricName"] == "InvocationsFailedToBeSentToDlq"]
    assert all(alarm["Namespace"] == "AWS/Events" and (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1) for alarm in lost)
    # The metric of a custom bus has both dimensions.
    rules = [rule for rule in shop.of("AWS::Events::Rule").values() if "EventPattern" in rule]
    buses = shop.of("AWS::Events::EventBus")
    by_name = [[buses[rule["EventBusName"]]["Name"], rule["Name"]] for rule in rules]
    assert sorted([d["Value"] for d in alarm["Dimensions"]] for alarm in lost) == sorted(by_name)
    assert all([d["Name"] for d in alarm["Dimensions"]] == ["EventBusName", "RuleName"] for alarm in lost)
    for metric in ("5XXError", "Latency"):
        assert (metric, "acme-dev") in metrics
    assert metrics["Latency", "acme-dev"]["ExtendedStatistic"] == "p99"
    for name in SCHEDULED:
        gone = metrics["Invocations", f"acme-dev-{name}"]
        assert (gone["TreatMissingData"], gone["ComparisonOperator"], gone["Threshold"]) == ("breaching", "LessThanThreshold", 1)
        assert gone["Period"] > 60 * FUNCTIONS[name]["every_minutes"]
    (dashboard,) = watched.of("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    assert len(widgets) == 9 and all(widget["properties"]["metrics"] for widget in widgets)
    for name in CONSUMERS:
        assert dashboard["DashboardBody"].count(f'"acme-dev-{name}"') == 2
        assert dashboard["DashboardBody"].count(f'"acme-dev-{name}-dead"') == 1


def test_watches_everything():
    check()


def test_needs_no_topic():
    alarms = Stack(MONITORING, Stage="dev").of("AWS::CloudWatch::Alarm").values()
    assert alarms and all("AlarmActions" not in alarm for alarm in alarms)


@pytest.mark.parametrize(
    "old, new",
    [
        ("user-register, payment-validate", "user-registers, payment-validate"),
        ("order-update, order-sweep", "order-update"),
        ("&consumers [payment-validate, ", "&consumers ["),
        ('"acme-${Stage}-${Name}-dead"', '"acme-${Stage}-${Name}"'),
        ("ExtendedStatistic: p99", "Statistic: Average"),
        ("Threshold: 20000", "Threshold: 60000"),
        ("TreatMissingData: breaching", "TreatMissingData: notBreaching"),
        ('"acme-${Stage}-order-ship-dead"', '"acme-${Stage}-order-ship"'),
        ("[payment-validate, order-ship, shipment-send, order-update]", "[payment-validate, order-ship, shipment-send]"),
        ("{Name: EventBusName, Value: !Ref EventBusName}, ", ""),
        ("MetricName: InvocationsFailedToBeSentToDlq", "MetricName: InvocationsSentToDlq"),
    ],
)
def test_finds(old, new):
    with pytest.raises((AssertionError, KeyError)):
        check(spoil(MONITORING, old, new))
