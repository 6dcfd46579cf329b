"""The shop's template passes all checks, and each fault in it is found."""

from pathlib import Path

import pytest

import checks
from shop import FUNCTIONS
from template import INFRA, SHOP, parse, spoil, stack

ROOT = INFRA.parent


@pytest.mark.parametrize("messaging", ["sqs", "eventbridge"])
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_holds(check, messaging):
    check(stack(messaging=messaging))


@pytest.mark.parametrize("parameters", [{"Architecture": "x86_64"}, {"ReserveConcurrency": "false"}], ids=str)
def test_holds_under_other_parameters(parameters):
    checks.functions(stack(**parameters))


# The check, a text of the template, and a wrong text instead. The check must find each fault.
FAULTS = [
    (checks.functions, "Runtime: provided.al2023", "Runtime: provided.al2"),
    (checks.functions, "FunctionName: !Sub acme-${Stage}-cart-all", "FunctionName: !Sub acme-${Stage}-cart-al"),
    (checks.functions, "Role: !GetAtt CartAllRole.Arn", "Role: !GetAtt CartItemAddRole.Arn"),
    (checks.functions, "    Tracing: Active\n", ""),
    (checks.functions, "[!Ref Architecture]", "[arm64]"),
    (checks.functions, "MemorySize: 1024", "MemorySize: 128"),
    (checks.functions, "!If [Reserve, 1, ", "!If [Reserve, 2, "),
    (checks.functions, "/aws/lambda/acme-${Stage}-user-get", "/aws/lambda/acme-${Stage}-user-gets"),
    (checks.variables, "          DEAD_LETTER_QUEUE_URL: !Ref OrderShipDeadLetters\n", ""),
    (checks.variables, "URL: !Ref OrderShipDeadLetters", "URL: !Ref OrderShipQueue"),
    (checks.variables, "        VERSION: !Ref Version\n", ""),
    (checks.variables, "        VERSION: !Ref Version\n", "        VERSION: !Ref Version\n        EXTRA: x\n"),
    (checks.variables, "          SENTRY_CAPTURE_SUCCESS: !Ref SentryCaptureSuccess\n", ""),
    (checks.variables, "          SWEEP_AFTER_SECONDS: !Ref SweepAfterSeconds\n", ""),
    (checks.roles, "Action: dynamodb:BatchGetItem", "Action: dynamodb:*"),
    (checks.roles, '"CARTS#*"', '"*"'),
    (checks.roles, "[dynamodb:GetItem, dynamodb:PutItem]", "dynamodb:PutItem"),
    (checks.roles, "index/pending", "index/*"),
    (checks.roles, "Action: sqs:SendMessage, Resource: !GetAtt ShipmentDeliverQueue.Arn", "Action: sqs:*, Resource: !GetAtt ShipmentDeliverQueue.Arn"),
    (checks.roles, "Service: lambda.amazonaws.com", 'AWS: "*"'),
    (checks.roles, "parameter/acme/${Stage}/card/private-key", "parameter/*"),
    (checks.table, "AttributeName: expiresAt", "AttributeName: expires"),
    (checks.table, "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    (checks.table, "SSEEnabled: true", "SSEEnabled: false"),
    (checks.table, "{AttributeName: ListSK, KeyType: RANGE}", "{AttributeName: SK, KeyType: RANGE}"),
    (checks.table, "Projection: {ProjectionType: ALL}", "Projection: {ProjectionType: KEYS_ONLY}"),
    (checks.queues, "VisibilityTimeout: 180", "VisibilityTimeout: 30"),
    (checks.queues, "Timeout: 30\n", "Timeout: 60\n"),
    (checks.queues, "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 120"),
    (checks.queues, "maxReceiveCount: 5", "maxReceiveCount: 1000"),
    (checks.queues, "deadLetterTargetArn: !GetAtt OrderShipDeadLetters.Arn", "deadLetterTargetArn: !GetAtt OrderUpdateDeadLetters.Arn"),
    (checks.queues, "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"),
    (checks.queues, '"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'),
    (checks.queues, '"aws:SourceArn": !GetAtt OrderShipRule.Arn', '"aws:SourceArn": "*"'),
    (checks.queues, "DependsOn: [PaymentValidateRule, OrderShipRule,", "DependsOn: [OrderShipRule,"),
    (checks.polling, "            FunctionResponseTypes: [ReportBatchItemFailures]\n", ""),
    (checks.polling, "            ScalingConfig: {MaximumConcurrency: 10}\n", ""),
    (checks.polling, "            Queue: !GetAtt OrderShipQueue.Arn", "            Queue: !GetAtt OrderShipDeadLetters.Arn"),
    (checks.delivery, "source: [acme.payment]", "source: [acme.payments]"),
    (checks.delivery, "source: [acme.payment]", "source: [{prefixx: acme.}]"),
    (checks.delivery, "detail-type: [ShipmentRequested]", "detail-type: [ShipmentRequested, ShipmentSent]"),
    (checks.delivery, "detail-type: [ShipmentRequested]", "detail_type: [ShipmentRequested]"),
    (checks.delivery, ", SentShipment", ""),
    (checks.delivery, "      Name: !Sub acme-${Stage}-order-ship\n", ""),
    (checks.delivery, "Arn: !GetAtt OrderShipQueue.Arn\n          Retry", "Arn: !GetAtt OrderUpdateQueue.Arn\n          Retry"),
    (checks.delivery, "DeadLetterConfig: {Arn: !GetAtt OrderShipDeadLetters.Arn}", "DeadLetterConfig: {Arn: !GetAtt OrderUpdateDeadLetters.Arn}"),
    (checks.schedule, "rate(1 minute)", "rate(1 hour)"),
    (checks.schedule, "EventInvokeConfig: {MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0}", "EventInvokeConfig: {MaximumRetryAttempts: 2}"),
    (checks.routes, 'Path: "/cart/all"', 'Path: "/carts/all"'),
    (checks.routes, "Method: delete", "Method: put"),
    (checks.routes, '        PostProduct: {Type: Api, Properties: {RestApiId: !Ref Api, Method: post, Path: "/product"}}\n', ""),
    (checks.cors, "        AllowOrigin: \"'*'\"", "        AllowOrigin: \"'https://example.com'\""),
    (checks.cors, "authorization,baggage,", "authorization,"),
    (checks.cors, "              Access-Control-Allow-Origin: \"'*'\"\n", ""),
    (checks.cors, '"status":404', '"status":403'),
    (checks.stage, "ResourcePath: /~1login", "ResourcePath: /~1log"),
    (checks.stage, "      TracingEnabled: true\n", ""),
    (checks.stage, "$context.resourcePath", "$context.path"),
]


@pytest.mark.parametrize("check, old, new", FAULTS, ids=[f"{c.__name__}-{i}" for i, (c, _, _) in enumerate(FAULTS)])
def test_finds(check, old, new):
    text = spoil(SHOP, old, new)
    found = []
    for messaging in ("sqs", "eventbridge"):
        for parameters in ({}, {"Architecture": "x86_64"}):
            try:
                check(stack(text, messaging, **parameters))
            except (AssertionError, KeyError, ValueError):
                found.append(messaging)
    assert found


def test_each_folder_is_deployed():
    """The function of a folder without a resource would never run, and nobody would notice it."""
    uris = [
        resource["Properties"]["CodeUri"]
        for resource in parse(SHOP)["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    assert uris == [f"../target/lambda/arm64/{name}/" for name in FUNCTIONS]
    assert {path.parent.name for path in Path(ROOT, "functions").glob("*/Cargo.toml")} == set(FUNCTIONS)


def test_no_place_of_the_default_bus():
    """Two stages in one account and region need two buses, so every use of the name must be the parameter."""
    found = stack(messaging="eventbridge", EventBusName="acmeserverless-dev")
    assert found.of("AWS::Events::EventBus")["Bus"]["Name"] == "acmeserverless-dev"
    assert SHOP.count("acmeserverless") == 1
