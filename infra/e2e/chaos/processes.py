"""The functions' processes on this machine, and their end."""

import os
import signal

from role_proxy import environment_of


def kill(pid):
    """Kills the process, unless it has ended and its id is somebody else's; returns whether it did."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if environment_of(pid):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return True
        return False
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
