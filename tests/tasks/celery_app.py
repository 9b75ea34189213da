"""The program in Python of celery_interop_test.py, for `celery -A celery_app worker`."""
import os

from celery import Celery

app = Celery("celery_app", broker=os.environ["BROKER"], backend=os.environ["BACKEND"])
app.conf.task_default_queue = "pythons"
app.conf.broker_transport_options = {"priority_steps": [0, 3, 6, 9]}


@app.task(name="p.add")
def add(x, y):
    return x + y


@app.task(name="t.add")
def same_as_there(x, y):
    return x + y


@app.task(name="p.sum")
def total(numbers):
    return sum(numbers)


@app.task(name="p.seen_id")
def seen_id(task_id):
    return task_id


@app.task(name="p.fail")
def fail(words):
    raise ValueError(words)


@app.task(name="p.again", bind=True, max_retries=3, default_retry_delay=0.1)
def again(self, failures):
    if self.request.retries < failures:
        raise self.retry()
    return self.request.retries


@app.task(name="p.seen", bind=True)
def seen(self):
    """What the message said."""
    request = self.request
    return {"eta": request.eta, "expires": request.expires, "timelimit": list(request.timelimit or []),
            "retries": request.retries, "priority": request.delivery_info["priority"]}
