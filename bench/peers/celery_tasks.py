"""Background tasks as the performance guide has them: Celery 5 on Redis, the no-op of the benchmarks.

    BENCH_REDIS=redis://… python3 -m celery -A celery_tasks worker -P prefork -c 1    says "ready"
    BENCH_REDIS=redis://… python3 celery_tasks.py COUNT    pushes one by one; prints seconds and ids as JSON
"""

import json
import os
import sys
import time

from celery import Celery
from celery.signals import worker_ready

app = Celery("celery_tasks", broker=os.environ["BENCH_REDIS"], backend=os.environ["BENCH_REDIS"])
app.conf.task_default_queue = "main-queue"
app.conf.task_serializer = "json"
app.conf.result_serializer = "json"
app.conf.accept_content = ["json"]
app.conf.result_expires = 3600
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True


@app.task(name="bench.noop")
def noop(number):
    pass


@worker_ready.connect
def say_ready(**_):
    print("ready", flush=True)


def push(count: int) -> dict:
    noop.apply_async((0,), queue="warm")
    begin = time.monotonic()
    ids = [noop.delay(number).id for number in range(count)]
    return {"seconds": time.monotonic() - begin, "ids": ids}


if __name__ == "__main__":
    json.dump(push(int(sys.argv[1])), sys.stdout)
