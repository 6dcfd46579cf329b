"""What must be true of the shop's stack in both modes of messaging. Each check takes a stack and asserts. The tests run
each check on the template, and on copies with a fault, which the check must refuse."""

import json

from shop import (
    CONSUMERS,
    EVENTS,
    FUNCTIONS,
    HTTP,
    PUBLISHERS,
    ROUTES,
    SCHEDULED,
    consumers,
    environment,
    lower,
    pascal,
    permissions,
    published,
    queue_urls,
    timeout,
)


def functions(stack):
    """Each folder has a function, and each function has a folder, a role and a log group."""
    deployed = stack.of("AWS::Lambda::Function")
    assert set(deployed) == {f"{pascal(name)}Function" for name in FUNCTIONS}
    for name in FUNCTIONS:
        properties = deployed[f"{pascal(name)}Function"]
        assert properties["FunctionName"] == f"acme-dev-{name}"
        assert properties["Runtime"] == "provided.al2023"
        assert properties["Handler"] == "bootstrap"
        assert properties["Architectures"] == [stack.values["Architecture"]]
        assert properties["Role"] == f"{pascal(name)}Role.Arn"
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert properties["Timeout"] == timeout(name)
        assert properties["MemorySize"] == FUNCTIONS[name].get("memory", 256)
        assert name not in HTTP or properties["Timeout"] <= 29, "a REST API does not wait longer"
        logs = stack.of("AWS::Logs::LogGroup")[f"{pascal(name)}Logs"]
        assert logs == {"LogGroupName": f"/aws/lambda/acme-dev-{name}", "RetentionInDays": "30"}
    reserved = {n: p["ReservedConcurrentExecutions"] for n, p in deployed.items() if "ReservedConcurrentExecutions" in p}
    wanted = {f"{pascal(name)}Function": row["concurrency"] for name, row in FUNCTIONS.items() if "concurrency" in row}
    assert reserved == (wanted if stack.values["ReserveConcurrency"] == "true" else {})


def variables(stack):
    """Each function has the environment variables that its binary reads, and no others."""
    for name in FUNCTIONS:
        found = stack.of("AWS::Lambda::Function")[f"{pascal(name)}Function"]["Environment"]["Variables"]
        assert found == environment(name, stack.values["Messaging"]), name


def roles(stack):
    """Each role allows the calls of its function, and nothing else."""
    deployed = stack.of("AWS::IAM::Role")
    assert set(deployed) == {f"{pascal(name)}Role" for name in FUNCTIONS}
    assert not stack.of("AWS::IAM::Policy") and not stack.of("AWS::IAM::ManagedPolicy")
    indexes = {index["IndexName"] for index in stack.of("AWS::DynamoDB::Table")["Table"]["GlobalSecondaryIndexes"]}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name in FUNCTIONS:
        role = deployed[f"{pascal(name)}Role"]
        assert set(role) == {"AssumeRolePolicyDocument", "Policies"}, "no managed policies"
        assert role["AssumeRolePolicyDocument"]["Statement"] == [trust]
        allowed = set()
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert set(statement) - {"Condition"} == {"Effect", "Action", "Resource"}
                assert statement["Effect"] == "Allow"
                for action in listed(statement["Action"]):
                    assert "*" not in action
                    for resource in listed(statement["Resource"]):
                        assert resource != "*" or action.startswith("xray:")
                        assert "/index/" not in resource or resource.rsplit("/", 1)[1] in indexes
                        allowed.add((action, resource, condition(statement.get("Condition", {}))))
        assert allowed == permissions(name, stack.values["Messaging"]), name


def table(stack):
    """The table has its keys, its indexes and its protection."""
    (properties,) = stack.of("AWS::DynamoDB::Table").values()
    resource = stack.resources["Table"]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate" and resource["UpdateReplacePolicy"] == "Retain"
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert keys(properties) == ("PK", "SK")
    indexes = {index["IndexName"]: index for index in properties["GlobalSecondaryIndexes"]}
    assert {name: keys(index) for name, index in indexes.items()} == {
        "list": ("ListPK", "ListSK"),
        "orders-by-user": ("OwnerPK", "OwnerSK"),
        "pending": ("PendingPK", "PendingSK"),
    }
    assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in indexes.values())


def queues(stack):
    """Each consumer has a queue with a visibility timeout that is long enough, and a queue that keeps dead letters."""
    deployed = stack.of("AWS::SQS::Queue")
    assert set(deployed) == {pascal(n) + suffix for n in CONSUMERS for suffix in ("Queue", "DeadLetters")}
    rules = {n: rule for n, rule in stack.of("AWS::Events::Rule").items() if "EventPattern" in rule}
    for name in CONSUMERS:
        function = stack.of("AWS::Lambda::Function")[f"{pascal(name)}Function"]
        queue, dead = deployed[f"{pascal(name)}Queue"], deployed[f"{pascal(name)}DeadLetters"]
        assert queue["VisibilityTimeout"] == 6 * function["Timeout"], name
        redrive = {"deadLetterTargetArn": f"{pascal(name)}DeadLetters.Arn", "maxReceiveCount": 5}
        assert queue["RedrivePolicy"] == redrive
        assert queue["QueueName"] == f"acme-dev-{name}" and dead["QueueName"] == f"acme-dev-{name}-dead"
        assert queue["MessageRetentionPeriod"] == 4 * 24 * 3600
        assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600
        assert queue["SqsManagedSseEnabled"] is True and dead["SqsManagedSseEnabled"] is True
        policy = stack.of("AWS::SQS::QueuePolicy")[f"{pascal(name)}QueuePolicy"]
        assert policy["Queues"] == [f"{pascal(name)}Queue", f"{pascal(name)}DeadLetters"]
        filling = [f"{rule_id}.Arn" for rule_id, rule in rules.items() if rule["Targets"][0]["Arn"] == f"{pascal(name)}Queue.Arn"]
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:SourceArn": filling[0] if len(filling) == 1 else filling}},
        }
        assert bool(filling) == (name in consumers(*EVENTS))
        assert policy["PolicyDocument"]["Statement"] == ([deny, allow] if filling else [deny])
    # A publisher depends on all rules and queue policies.
    way = set(rules) | {f"{pascal(who)}QueuePolicy" for who in consumers(*EVENTS)}
    for name in PUBLISHERS:
        assert set(stack.resources[f"{pascal(name)}Function"]["DependsOn"]) == way, name


def polling(stack):
    """Each consumer reads its queue, and reports failures for each record."""
    for name in CONSUMERS:
        (found,) = [
            mapping
            for mapping in stack.of("AWS::Lambda::EventSourceMapping").values()
            if mapping["EventSourceArn"] == f"{pascal(name)}Queue.Arn"
        ]
        assert found["FunctionName"] == f"{pascal(name)}Function"
        assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert found["BatchSize"] == 10
        # A message that the function's limit refuses counts as received, so the poller needs the same limit.
        limit = FUNCTIONS[name].get("concurrency")
        assert found.get("ScalingConfig") == (limit and {"MaximumConcurrency": limit}), name
    assert len(stack.of("AWS::Lambda::EventSourceMapping")) == len(CONSUMERS)


def delivery(stack):
    """Each event reaches exactly its consumers, under each of its names. Other events reach nobody."""
    rules = {n: rule for n, rule in stack.of("AWS::Events::Rule").items() if "EventPattern" in rule}
    for publisher in PUBLISHERS:
        by_bus, by_queue = published(publisher)
        found = stack.of("AWS::Lambda::Function")[f"{pascal(publisher)}Function"]["Environment"]["Variables"]
        for event in by_queue + (by_bus if stack.values["Messaging"] == "sqs" else []):
            name, urls = queue_urls(event)
            assert found[name] == urls
    # The bus and its rules exist in both modes, so no event is lost while a stack changes its mode.
    assert stack.of("AWS::Events::EventBus") == {"Bus": {"Name": "acmeserverless"}}
    for name, rule in rules.items():
        # Only plain texts are allowed. No tool reports a misspelt operator: all take it for a value, or ignore it.
        assert set(rule["EventPattern"]) == {"source", "detail-type"}, name
        for values in rule["EventPattern"].values():
            assert values and all(isinstance(value, str) for value in values), name
        assert rule["EventBusName"] == "Bus" and rule.get("State", "ENABLED") == "ENABLED"
        (target,) = rule["Targets"]
        assert rule["Name"].startswith(f"acme-dev-{target['Id']}"), "by which its alarm knows it"
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}
        assert target["DeadLetterConfig"]["Arn"] == target["Arn"].replace("Queue.Arn", "DeadLetters.Arn")
        assert set(target) == {"Id", "Arn", "RetryPolicy", "DeadLetterConfig"}, "the envelope as it is"
    keys = {name: key for key, event in EVENTS.items() for name in event["names"]}
    for name in [*keys, "Order", "PaymentRequestedEvents", ""]:
        for origin in ("acme.order", "acme.payment", "acme.shipment", "aws.events", "acme"):
            reached = [
                rule["Targets"][0]["Arn"]
                for rule in rules.values()
                if origin in rule["EventPattern"]["source"] and name in rule["EventPattern"]["detail-type"]
            ]
            ours = name in keys and EVENTS[keys[name]]["source"] == origin
            wanted = [f"{pascal(to)}Queue.Arn" for to in consumers(keys[name])] if ours else []
            assert sorted(reached) == sorted(wanted), (origin, name)


def schedule(stack):
    """A scheduled function ends before its next run. A failed run is not tried again, because it would run beside the next."""
    rules = [rule for rule in stack.of("AWS::Events::Rule").values() if "ScheduleExpression" in rule]
    assert len(rules) == len(stack.of("AWS::Lambda::EventInvokeConfig")) == len(SCHEDULED)
    for name in SCHEDULED:
        minutes = FUNCTIONS[name]["every_minutes"]
        (rule,) = [rule for rule in rules if rule["Targets"][0]["Arn"] == f"{pascal(name)}Function.Arn"]
        assert rule["ScheduleExpression"] == f"rate({minutes} minute{'s' if minutes > 1 else ''})"
        assert rule["Targets"][0]["RetryPolicy"]["MaximumRetryAttempts"] == 0
        assert stack.of("AWS::Lambda::Function")[f"{pascal(name)}Function"]["Timeout"] < 60 * minutes
        invokes = stack.of("AWS::Lambda::EventInvokeConfig").values()
        (invoke,) = [invoke for invoke in invokes if invoke["FunctionName"] == f"{pascal(name)}Function"]
        assert invoke["MaximumRetryAttempts"] == 0


def routes(stack):
    """Each route of the contract calls its function, and there are no other routes."""
    paths = api(stack)["paths"]
    found = []
    for path, methods in paths.items():
        for method, operation in methods.items():
            if method == "options":
                continue
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            name = next(name for name in FUNCTIONS if f"/{pascal(name)}Function.Arn/" in uri)
            assert operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
            assert not operation.get("security"), "the functions look at tokens themselves"
            found.append((name, method, path))
    assert sorted(found) == sorted(ROUTES)
    permitted = {p["FunctionName"] for p in stack.of("AWS::Lambda::Permission").values() if p["Principal"].startswith("apigateway")}
    assert permitted == {f"{pascal(name)}Function" for name in HTTP}


def cors(stack):
    """A page of another origin can call every route, and read every answer and every error."""
    for path, methods in api(stack)["paths"].items():
        answer = methods["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
        assert answer["method.response.header.Access-Control-Allow-Origin"] == "'*'"
        headers = answer["method.response.header.Access-Control-Allow-Headers"].strip("'").split(",")
        assert set(headers) == {"authorization", "baggage", "content-type", "idempotency-key", "sentry-trace"}
        allowed = answer["method.response.header.Access-Control-Allow-Methods"].strip("'").split(",")
        assert set(allowed) == {method.upper() for method in methods}
    responses = api(stack)["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "THROTTLED"} <= set(responses)
    for name, response in responses.items():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'", name
        error = json.loads(response["responseTemplates"]["application/json"])
        assert set(error) == {"message", "status", "requestId"} and error["status"] == int(response["statusCode"]), name
        assert ("gatewayresponse.header.Retry-After" in headers) == (error["status"] in (429, 503)), name


def stage(stack):
    """The API has limits, a log and traces. Routes that hash a password have lower limits than others."""
    (found,) = stack.of("AWS::ApiGateway::Stage").values()
    assert found["StageName"] == "dev" and found["TracingEnabled"] is True
    limits = {(s["HttpMethod"], s["ResourcePath"]): int(s["ThrottlingRateLimit"]) for s in found["MethodSettings"]}
    rated = [route for row in FUNCTIONS.values() if "rate" in row for route in row["routes"]]
    own = {(method.upper(), "/" + path.replace("/", "~1")) for method, path in map(lower, rated)}
    assert set(limits) == own | {("*", "/*")}
    assert {("POST", "/~1login"), ("POST", "/~1register")} <= own, "who hashes a password"
    assert all(limits[route] < limits["*", "/*"] for route in own)
    assert all(int(s["ThrottlingBurstLimit"]) > 0 for s in found["MethodSettings"])
    log = found["AccessLogSetting"]
    assert log["DestinationArn"].endswith(":log-group:ApiLogs")
    assert "$context.path" not in log["Format"] and "identity" not in log["Format"]
    assert stack.of("AWS::Logs::LogGroup")["ApiLogs"]["RetentionInDays"] == "30"


ALL = [functions, variables, roles, table, queues, polling, delivery, schedule, routes, cors, stage]


def api(stack):
    (found,) = stack.of("AWS::ApiGateway::RestApi").values()
    return found["Body"]


def keys(properties):
    return tuple(key["AttributeName"] for key in sorted(properties["KeySchema"], key=lambda key: key["KeyType"]))


def listed(value):
    return value if isinstance(value, list) else [value]


def condition(value):
    return "; ".join(
        f"{operator} {key} {' '.join(sorted(listed(values)))}"
        for operator, pairs in sorted(value.items())
        for key, values in sorted(pairs.items())
    )
