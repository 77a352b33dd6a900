"""Python's own bridge from a thread to an event loop in another: run_coroutine_threadsafe().result()."""
import asyncio
import json
import sys
import threading
import time

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


async def echo(value):
    return value


def call():
    return asyncio.run_coroutine_threadsafe(echo(1), loop).result()


def time_each(seconds):
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        samples.append((time.perf_counter() - start) * 1e6)
    return sorted(samples)


assert call() == 1
time_each(0.2)
samples = time_each(0.25)
start = time.perf_counter()
for _ in range(1000):
    call()
mean = (time.perf_counter() - start) * 1e6 / 1000
print(
    json.dumps(
        {
            "label": "CPython, run_coroutine_threadsafe().result()",
            "version": sys.version.split()[0],
            "values": {
                "p50": samples[len(samples) // 2],
                "p99": samples[int(len(samples) * 0.99)],
                "mean": mean,
                "timedCalls": len(samples),
                "meanCalls": 1000,
            },
        }
    )
)
