"""`infra/chaos`: runs the scenarios one after the other on a newly deployed shop, and prints a table at the end."""

import os
import random
import sys
from pathlib import Path

from chaos.director import SCENARIOS
from chaos.run import Run
from chaos.table import table

MODES = ["sqs", "eventbridge"]


def one_of(name, values, all_of_them):
    """The values that the environment selects."""
    given = os.environ.get(name) or all_of_them
    if given != all_of_them and given not in values:
        sys.exit(f"chaos: {name}={given}: expected one of: {' '.join(values)} {all_of_them}")
    return values if given == all_of_them else [given]


def number(name, default, least=1):
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or int(given) < least:
        sys.exit(f"chaos: {name}={given}: expected a whole number, at least {least}")
    return int(given)


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    modes, scenarios = one_of("MESSAGING", MODES, "both"), one_of("SCENARIO", list(SCENARIOS), "all")
    orders, clients = number("ORDERS", 500), number("CLIENTS", 24)
    seed = number("SEED", random.randrange(10**6), least=0)
    folder = Path(os.environ["CHAOS_DIR"])
    # Imported here, because it takes the set-up of the deployed shop from the tests.
    from conftest import Cloud

    say(f"SEED={seed}")
    cloud, runs, wrong = Cloud(str(folder)), {}, []
    try:
        for mode in modes:
            say(f"deploying, MESSAGING={mode}")
            cloud.deploy(mode)
            for name in scenarios:
                say(f"{mode} {name}: {SCENARIOS[name].says}")
                runs[mode, name], told = Run(cloud, name, orders, clients, seed, say).go(folder)
                for line in told:
                    say(line)
                wrong += told
    except KeyboardInterrupt:
        say("chaos: stopped")
        return 130
    finally:
        cloud.close()
        print(f"SEED={seed}\n{table(runs)}", flush=True)
    if wrong:
        say(f"chaos: SEED={seed} draws the same faults again; the log of the functions is {folder / 'log'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
