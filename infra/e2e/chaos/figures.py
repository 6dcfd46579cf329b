"""The figures of a run."""

from collections import Counter
from datetime import UTC, datetime

from chaos.steering import SWEEP


def of_run(run, now, letters):
    """The figures of a run that has ended, by name. `now` has the stored items of its orders, `letters` is the number of dead letters."""
    calls, chaos = run.chaos.calls, run.chaos
    statuses = Counter(status for wish in run.wishes for status in wish.statuses)
    kinds = Counter(call.fault for call in calls if call.fault)
    pushes = sum(call.function == SWEEP and call.target.endswith("UpdateItem") and call.status == 200 for call in calls)
    figures = {"orders": len(run.wishes), "requests": statuses.total()}
    figures |= {f"  answered {status}": count for status, count in sorted(statuses.items(), key=str)}
    figures |= {"repeats": statuses.total() - len(run.wishes), "given up": run.clients.given_up}
    figures |= {"calls to AWS": len(calls), "processes killed": chaos.kills, "clocks moved": chaos.jumps}
    figures |= {"  payments at a wrong time": sum(not is_of(run, payment["at"]["S"]) for payment in now.all("PAYMENT"))}
    figures |= {"faults": kinds.total()} | {f"  {kind}": count for kind, count in sorted(kinds.items())}
    figures |= {"delivered again": delivered_again(run), "dead letters": letters, "pushes by the sweep": pushes}
    return figures | {"seconds": run.seconds()}


def is_of(run, at):
    """Whether a time lies within this run."""
    return run.began_at <= datetime.fromisoformat(at) <= datetime.now(UTC)


def delivered_again(run):
    """How many deliveries were repeats. Only functions that were not killed told Sentry, so only their deliveries are counted."""
    told = run.cloud.sentry.items("transaction", run.told_before)
    return sum(item["contexts"]["trace"].get("data", {}).get("messaging.message.retry.count", 0) > 0 for item in told)
