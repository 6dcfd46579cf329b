"""What a run does to the deployed shop apart from the chaos: it runs the sweep, and shortens the times of queues and sweep."""

from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from shop import CONSUMERS

SWEEP = "order-sweep"


def dead_letters(cloud):
    """Takes all dead letters out of their queues, and returns their number."""
    return sum(len(letters) for name in CONSUMERS for letters in iter(lambda: cloud.dead_letters(name), []))


def waiting(cloud):
    """The number of messages in the consumers' queues, in any state."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    found = [cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue(name), AttributeNames=names) for name in CONSUMERS]
    return sum(int(queue["Attributes"][name]) for queue in found for name in names)


def sweep(cloud):
    """Runs the sweep once. The sweep may be killed, too."""
    try:
        cloud.functions.invoke(FunctionName=f"acme-local-{SWEEP}")
    except (BotoCoreError, ClientError):
        return


def sweep_after(cloud, seconds):
    cloud.set_variables(SWEEP, cloud.variables(SWEEP) | {"SWEEP_AFTER_SECONDS": str(seconds)})


@contextmanager
def quick(cloud, after, visibility):
    """Within a `with`, orders count as stalled after `after` seconds, and queues deliver again after `visibility` seconds."""
    before = cloud.variables(SWEEP)
    queues = [cloud.queue(name) for name in CONSUMERS]
    asked = cloud.sqs.get_queue_attributes(QueueUrl=queues[0], AttributeNames=["VisibilityTimeout"])["Attributes"]
    sweep_after(cloud, after)
    for url in queues:
        cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(visibility)})
    try:
        yield
    finally:
        cloud.set_variables(SWEEP, before)
        for url in queues:
            cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes=asked)
