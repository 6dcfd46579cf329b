"""Finds and kills the functions' processes on this machine."""

import os
import signal

from role_proxy import environment_of


def kill(pid):
    """Kills the process, unless it has ended and its id belongs to another process. Returns whether it was killed."""
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
