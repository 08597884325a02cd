"""Becomes another user, then another program: `python as_user.py UID GID program …`. PostgreSQL refuses to run as root.

Run as a file with Python alone, so that it costs no start of Django.
"""

import os
import sys

if __name__ == "__main__":
    uid, gid = int(sys.argv[1]), int(sys.argv[2])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.execv(sys.argv[3], sys.argv[3:])
