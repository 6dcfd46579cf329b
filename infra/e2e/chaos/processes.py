"""The functions' processes on this machine, and their end."""

import os
import signal

from gate import environment_of


def is_alive(pid, url):
    """Whether this is a function of the cloud whose gate is at `url`."""
    return (environment_of(pid) or {}).get("AWS_ENDPOINT_URL") == url


def kill(pid, url):
    """Kills the process, unless its id is somebody else's by now; returns whether it did."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if is_alive(pid, url):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return True
        return False
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
