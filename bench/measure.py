"""Runs commands one after another and tells what the kernel accounted for each: wall and CPU seconds, peak memory.

Reads one JSON list of words per line, answers one JSON object per line. Node cannot ask for a child's own resource usage; wait4(2) can.
"""
import json
import os
import sys
import time

# A shell's own settings of Node would be measured with every start: extra certificates alone cost a start of Node 20 some 40 ms.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("NODE_EXTRA_CA_CERTS", "NODE_OPTIONS")}

for line in sys.stdin:
    words = json.loads(line)
    null = os.open(os.devnull, os.O_RDWR)
    started = time.monotonic()
    pid = os.posix_spawnp(
        words[0], words, ENVIRONMENT,
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)],
    )
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - started
    os.close(null)
    print(json.dumps({
        "wallMs": wall * 1000,
        "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
        "peakMiB": usage.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }), flush=True)
