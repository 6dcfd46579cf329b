"""The permissions of a function's role: the calls that the function's row names, and no others."""

from .blocks import flow


def statements(shop, function):
    """The statements of the role's policy, without those for traces and logs."""
    lines = [allow("ssm:GetParameter", parameter_arn(parameter)) for parameter in function.reads]
    lines += [table_access(access) for access in function.table]
    if function.consumes:
        lines.append(allow("[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]", f"!GetAtt {function.id}Queue.Arn"))
        lines.append(allow("sqs:SendMessage", f"!GetAtt {function.id}DeadLetters.Arn"))
    delayed = shop.queues(function, delayed=True)
    if delayed:
        lines.append(allow("sqs:SendMessage", queue_arns(delayed)))
    lines = [f"- {line}" for line in lines]
    if shop.on_bus(function):
        direct = [consumer for consumer in shop.queues(function, delayed=False) if consumer not in delayed]
        by_queue = allow("sqs:SendMessage", queue_arns(direct)) if direct else "!Ref AWS::NoValue"
        lines += ["- !If", "  - Sqs", f"  - {by_queue}", f"  - {put_events(shop.on_bus(function))}"]
    return lines


def allow(action, resource, condition=""):
    more = f", Condition: {condition}" if condition else ""
    return f"{{Effect: Allow, Action: {action}, Resource: {resource}{more}}}"


def table_access(access):
    where = f'!Sub "${{Table.Arn}}/index/{access.index}"' if access.index else "!GetAtt Table.Arn"
    keys = ", ".join(f'"{key}*"' for key in access.keys)
    condition = f'{{"ForAllValues:StringLike": {{"dynamodb:LeadingKeys": [{keys}]}}}}'
    return allow(flow(f"dynamodb:{action}" for action in access.do), where, condition)


def parameter_arn(parameter):
    return f'!Sub "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/acme/${{Stage}}/{parameter}"'


def queue_arns(consumers):
    return flow(f"!GetAtt {consumer.id}Queue.Arn" for consumer in consumers)


def put_events(events):
    sources, types = flow(dict.fromkeys(event.source for event in events)), flow(event.type for event in events)
    condition = f'{{StringEquals: {{"events:source": {sources}, "events:detail-type": {types}}}}}'
    return allow("events:PutEvents", "!GetAtt Bus.Arn", condition)
