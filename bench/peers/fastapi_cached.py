"""The performance guide's cached endpoint: its decorator over the list of fastapi_service.

As the guide has it: a synchronous Redis client, texts decoded, JSON both ways. `db` is taken out of the key,
which else names the session's address and never hits; rows become what JSON can say before they are stored.
Without the guide's counters, which would make each request slower.

    BENCH_DATABASE=sqlite:////path/to.db BENCH_REDIS=redis://… python3 -m uvicorn fastapi_cached:app
    BENCH_MODEL=no    without the response model that fastapi_service's list has: what was kept goes unchecked
"""

import json
import os
from functools import wraps

from fastapi import Depends, FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi_service import PageOut, get_db, list_resources
from redis import Redis
from sqlalchemy.orm import Session

redis_client = Redis.from_url(os.environ["BENCH_REDIS"], decode_responses=True)
app = FastAPI()


def cache_response(ttl: int = 300):
    def decorator(func):
        @wraps(func)
        async def wrapper(*args, **kwargs):
            named = {name: value for name, value in kwargs.items() if name != "db"}
            cache_key = f"{func.__name__}:{str(args)}:{str(named)}"
            cached_value = redis_client.get(cache_key)
            if cached_value:
                return json.loads(cached_value)
            result = await func(*args, **kwargs)
            redis_client.setex(cache_key, ttl, json.dumps(result))
            return result

        return wrapper

    return decorator


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


@app.get("/api/resources", response_model=None if os.environ.get("BENCH_MODEL") == "no" else PageOut)
@cache_response(ttl=300)
async def get_resources(page: int = 1, page_size: int = 20, db: Session = Depends(get_db)):
    found = await list_resources(page=page, page_size=page_size, total=None, db=db)
    return jsonable_encoder(PageOut.parse_obj(found))
