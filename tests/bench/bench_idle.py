"""What listening costs while nobody speaks: python -m tests.bench.bench_idle [--seconds 30]

The whole daemon on the virtual house, its microphone a pipe that carries room noise in real time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.daemons import daemon


async def main(seconds: int) -> None:
    noise = np.random.default_rng(1).normal(0, 40, seconds * 16_000).astype(np.int16).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        async with daemon(Path(folder)) as running:
            await running.told("READY=1")
            await running.play(noise[: 5 * 32_000])
            before, began = cpu_seconds(running.process.pid), time.monotonic()
            await running.play(noise)
            share = (cpu_seconds(running.process.pid) - before) / (time.monotonic() - began)
            print(f"idle: {100 * share:.1f} % of a core, {memory_megabytes(running.process.pid):.0f} MB resident")
            await running.stop()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    asyncio.run(main(parser.parse_args().seconds))
