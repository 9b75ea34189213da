-- The tables of the reference service, for benchmarks on a machine where the service itself is not built.
PRAGMA journal_mode = WAL;
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL REFERENCES users(id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
);
CREATE UNIQUE INDEX idx_user_email ON users (email);
CREATE INDEX idx_resource_owner ON resources (owner_id, created_at);
CREATE INDEX idx_resource_status_created ON resources (status, created_at);
CREATE INDEX idx_resource_created ON resources (created_at, id);

-- 2,000 owners and 100,000 resources; the same rows each time.
INSERT INTO users (id, email, name)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
SELECT i, 'owner' || i || '@example.org', 'Owner Number ' || i FROM n;
INSERT INTO resources (id, owner_id, name, description, status, created_at, version)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
SELECT i, 1 + (i * 7919) % 2000, 'resource-' || i,
    'Resource ' || i || ' keeps a short description of what it is for, with "quotes" and an é.',
    CASE (i * 31) % 3 WHEN 0 THEN 'draft' WHEN 1 THEN 'active' ELSE 'archived' END,
    1700000000000000 + i * 1000003, 1 FROM n;
ANALYZE;
