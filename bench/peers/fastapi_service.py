"""The performance guide's stack: FastAPI, synchronous SQLAlchemy sessions, joined loading, a count a request
(unless it says total=none).

It is given every kindness that the guide leaves open: one pooled connection that stays open, WAL, no
middleware (the guide's own metrics middleware would make each request slower), handlers on the event loop
instead of the thread pool. Durable as the others are: synchronous=FULL.

    BENCH_DATABASE=sqlite:////path/to.db BENCH_PAD=0 python3 -m uvicorn fastapi_service:app
    BENCH_DATABASE=postgresql://…        the same with psycopg2
"""

import os
from datetime import datetime, timezone
from enum import Enum
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import TIMESTAMP, BigInteger, Column, ForeignKey, Integer, String, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

DATABASE = os.environ["BENCH_DATABASE"]
IS_SQLITE = DATABASE.startswith("sqlite:")
engine = create_engine(
    DATABASE,
    poolclass=QueuePool,
    connect_args={"check_same_thread": False} if IS_SQLITE else {"options": "-c timezone=UTC"},
)
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()


@event.listens_for(engine, "connect")
def prepare_connection(connection, _record):
    if not IS_SQLITE:
        return
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute("PRAGMA " + setting).close()


class Microseconds(TypeDecorator):
    """A moment as microseconds since 1970, as the service's tables keep it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value, dialect):
        whole = int(value.replace(microsecond=0).timestamp())
        return whole * 1_000_000 + value.microsecond

    def process_result_value(self, value, dialect):
        moment = datetime.fromtimestamp(value // 1_000_000, timezone.utc)
        return moment.replace(microsecond=value % 1_000_000)


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    email = Column(String, unique=True, nullable=False)
    name = Column(String, nullable=False)


class Resource(Base):
    __tablename__ = "resources"
    id = Column(Integer, primary_key=True)
    owner_id = Column(Integer, ForeignKey("users.id"), nullable=False)
    name = Column(String, nullable=False)
    description = Column(String, nullable=False)
    status = Column(String, nullable=False)
    created_at = Column(Microseconds if IS_SQLITE else TIMESTAMP(timezone=True), nullable=False)
    version = Column(Integer, nullable=False)
    owner = relationship(User)


class Status(str, Enum):
    draft = "draft"
    active = "active"
    archived = "archived"


class UserOut(BaseModel):
    id: int
    email: str
    name: str

    class Config:
        orm_mode = True


class ResourceOut(BaseModel):
    id: int
    owner_id: int
    name: str
    description: str
    status: Status
    created_at: datetime
    version: int

    class Config:
        orm_mode = True


class ResourceWithOwner(ResourceOut):
    owner: UserOut


class PageOut(BaseModel):
    items: List[ResourceWithOwner]
    total: Optional[int]
    page: int
    page_size: int
    pages: Optional[int]
    next_cursor: Optional[str]


class NewResource(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=2000)
    status: Status = Status.draft
    owner_id: int = 1


app = FastAPI()
HEALTH = {"status": "ok"}
if int(os.environ.get("BENCH_PAD", "0")) > 0:
    HEALTH["pad"] = "x" * int(os.environ["BENCH_PAD"])


async def get_db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()


@app.get("/healthz")
async def healthz():
    return HEALTH


class Total(str, Enum):
    none = "none"


@app.get("/api/resources", response_model=PageOut)
async def list_resources(
    page: int = Query(1, ge=1),
    page_size: int = Query(20, ge=1),
    total: Optional[Total] = None,
    db: Session = Depends(get_db),
):
    limit = min(page_size, 100)
    skip = (page - 1) * limit
    query = db.query(Resource).options(joinedload(Resource.owner, innerjoin=True))
    count = query.count() if total is None else None
    items = query.order_by(Resource.id).offset(skip).limit(limit + 1).all()
    has_more = len(items) > limit
    items = items[:limit]
    return {
        "items": items,
        "total": count,
        "page": page,
        "page_size": limit,
        "pages": None if count is None else (count + limit - 1) // limit,
        "next_cursor": str(items[-1].id) if has_more else None,
    }


@app.get("/api/resources/{id}", response_model=ResourceWithOwner)
async def show_resource(id: int, db: Session = Depends(get_db)):
    query = db.query(Resource).options(joinedload(Resource.owner, innerjoin=True))
    resource = query.filter(Resource.id == id).one_or_none()
    if resource is None:
        raise HTTPException(404, "there is no such resource")
    return resource


@app.post("/api/resources", response_model=ResourceOut, status_code=201)
async def create_resource(body: NewResource, response: Response, db: Session = Depends(get_db)):
    resource = Resource(**body.dict(), created_at=datetime.now(timezone.utc), version=1)
    resource.status = body.status.value
    db.add(resource)
    try:
        db.commit()
    except IntegrityError as error:
        db.rollback()
        raise HTTPException(422, "there is no such owner") from error
    response.headers["Location"] = f"/api/resources/{resource.id}"
    return resource
