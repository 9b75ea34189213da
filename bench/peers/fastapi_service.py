"""The performance guide's stack: FastAPI, synchronous SQLAlchemy sessions, joined loading, a count a request.

It is given every kindness that the guide leaves open: one pooled connection that stays open, WAL, no
middleware (the guide's own metrics middleware would make each request slower), handlers on the event loop
instead of the thread pool. Durable as the others are: synchronous=FULL.

    BENCH_DATABASE=/path/to.db BENCH_PAD=0 python3 -m uvicorn fastapi_service:app
"""

import os
from datetime import datetime, timezone
from enum import Enum
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

engine = create_engine(
    "sqlite:///" + os.environ["BENCH_DATABASE"],
    poolclass=QueuePool,
    connect_args={"check_same_thread": False},
)
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()


@event.listens_for(engine, "connect")
def prepare_connection(connection, _record):
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
    created_at = Column(Microseconds, nullable=False)
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
    total: int
    page: int
    page_size: int
    pages: int
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


@app.get("/api/resources", response_model=PageOut)
async def list_resources(
    page: int = Query(1, ge=1), page_size: int = Query(20, ge=1), db: Session = Depends(get_db)
):
    limit = min(page_size, 100)
    skip = (page - 1) * limit
    query = db.query(Resource).options(joinedload(Resource.owner, innerjoin=True))
    total = query.count()
    items = query.order_by(Resource.id).offset(skip).limit(limit).all()
    return {
        "items": items,
        "total": total,
        "page": page,
        "page_size": limit,
        "pages": (total + limit - 1) // limit,
        "next_cursor": str(items[-1].id) if items and skip + len(items) < total else None,
    }


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
