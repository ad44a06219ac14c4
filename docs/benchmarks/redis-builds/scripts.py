#!/usr/bin/env python3
"""What the scripts of the line cost Redis itself, by its processor time, for one build of Redis beside another.

From the root of the repository (Linux, Python 3, nothing else):

    python3 docs/benchmarks/redis-builds/scripts.py local/target/binaries/redis-server-*/redis-server /usr/bin/redis-server

Each build is started on port 7777, and orders for one product are drawn, parked, claimed and given back, 1, 10 and 500 a call.
"""

import socket
import subprocess
import sys
import time
import uuid

SCRIPTS = "common/src/main/resources/redis/"
KEYS = ["turnstile:{line}:" + name for name in
        "state orders tickets parked heads held claims runs claimants unparked refused".split()]
STATE, ORDERS, TICKETS, PARKED, HEADS, HELD, CLAIMS, RUNS, CLAIMANTS, UNPARKED, REFUSED = KEYS
QUEUE = "turnstile:{line}:queue:1"
CACHE = "turnstile:{line}:stock:1"


class Redis:
    def __init__(self, port):
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.05)
        self.answers = self.socket.makefile("rb")

    def __call__(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))
        return self.read()

    def read(self):
        line = self.answers.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.answers.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        return rest.decode()


def processor(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 10_000  # µs


def measure(binary, count, rounds):
    server = subprocess.Popen([binary, "--port", "7777", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                              stdout=subprocess.DEVNULL)
    try:
        redis = Redis(7777)
        memory = next(line for line in redis("INFO", "replication").splitlines() if "master_replid:" in line)
        redis("HSET", STATE, "epoch", 1, "memory", memory.split(":")[1])
        common = open(SCRIPTS + "line.lua").read()
        draw, park, turn = (redis("SCRIPT", "LOAD", common + open(SCRIPTS + "line-%s.lua" % name).read())
                            for name in ("draw", "park", "turn"))
        queues = (STATE, ORDERS, TICKETS, PARKED, HEADS, HELD, CLAIMS, RUNS, CLAIMANTS, UNPARKED, QUEUE)
        used = [0] * 4
        for _ in range(rounds):
            ids = [str(uuid.uuid4()) for _ in range(count)]
            marks = [processor(server.pid)]
            asked = []
            for order in ids:
                record = '1|%s|api|{"v":1,"order":{"id":"%s","mode":"FAIR","lines":[{"productId":1,"quantity":1}],' \
                         '"acceptedAt":"2026-11-26T05:52:12.786861Z","replyTo":{"topic":"orders.replies","partition":0}}}'
                asked += [order, record % (order, order)]
            tickets = redis("EVALSHA", draw, 7, STATE, ORDERS, TICKETS, UNPARKED, REFUSED, QUEUE, CACHE,
                            1_000_000, 0, "6:1", ",".join(["1"] * count), *asked)[1:]
            marks.append(processor(server.pid))
            redis("EVALSHA", park, 7, STATE, ORDERS, TICKETS, PARKED, HEADS, UNPARKED, QUEUE, "worker", 1,
                  7, ",".join(tickets))
            marks.append(processor(server.pid))
            claim = redis("EVALSHA", turn, 11, *queues, "worker", 3000, count, "wake:", "", "", 1, "", 0, "", "")
            assert claim[3].count(",") == count - 1, claim
            marks.append(processor(server.pid))
            redis("EVALSHA", turn, 11, *queues, "worker", 3000, 0, "wake:", claim[0], "", 1, "", 0, claim[3], ",".join(ids),
                  1, "*")
            assert redis("HLEN", TICKETS) == "0"
            marks.append(processor(server.pid))
            for step in range(4):
                used[step] += marks[step + 1] - marks[step]
        return [step / rounds / count for step in used]
    finally:
        server.terminate()
        server.wait()


def main():
    binaries = sys.argv[1:]
    print("| build | orders a call | draw | park | claim | give back | together, µs per order |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for count, rounds in ((1, 3000), (10, 600), (500, 40)):
        samples = {binary: [] for binary in binaries}
        for _ in range(3):
            for binary in binaries:
                samples[binary].append(measure(binary, count, rounds))
        for binary in binaries:
            steps = [sorted(step)[1] for step in zip(*samples[binary])]
            version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.split()
            name = " ".join(word for word in version if word.startswith(("v=", "malloc=")))
            print("| %s | %d | %s | %.1f |" % (name, count, " | ".join("%.1f" % step for step in steps), sum(steps)))


if __name__ == "__main__":
    main()
