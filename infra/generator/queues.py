"""The consumers' queues with their dead letters, and the rules of the bus that fill the queues."""

from .blocks import block, flow


def queues(shop):
    return [line for consumer in shop.consumers() for line in queue(shop, consumer)]


def queue(shop, consumer):
    rules = [f"!GetAtt {rule.id}.Arn" for rule in shop.rules(consumer)]
    allows = block("allow-bus.yaml", rules=flow(rules)) if rules else []
    return block("queue.yaml", id=consumer.id, name=consumer.name, visibility=str(6 * consumer.seconds), allows=allows)


def rules(shop):
    return [line for consumer in shop.consumers() for rule in shop.rules(consumer) for line in rule_block(consumer, rule)]


def rule_block(consumer, rule):
    types = ", ".join(rule.types)
    return block("rule.yaml", id=consumer.id, name=consumer.name, rule=rule.id, rule_name=rule.name, source=rule.source, types=types)
