// What the admin server tells, as it comes: names are those of its JSON.

export interface Program {
    program: string;
    version: string;
    role: "server" | "worker";
    api: string; // its address; empty: it has none
    pid: number;
    began: string;
    paths: string[]; // that can be asked here
}

export type Standing = "idle" | "too few to judge" | "kept" | "missed";
export interface GoalWindow {
    window: string;
    standing: Standing;
    holds: number;
    burn: number;
    good: number;
    total: number;
}
export interface Goal {
    scope: "request" | "query" | "task" | "resource";
    name: string;
    limit_ms: number;
    limit_percent: number; // of a resource, which has no limit_ms
    share: number;
    standing: Standing;
    alarm: "none" | "slow" | "fast";
    words: string;
    windows: GoalWindow[];
    blame: { phase: string; share: number; over_ms: number; inside_ms: number }[];
}

export interface PhaseTime {
    phase: string;
    ms: number;
}
export interface Work {
    scope: "request" | "query" | "task";
    name: string;
    limit_ms: number;
    share: number; // that is to hold it
    count: number;
    per_second: number;
    p50_ms: number;
    p95_ms: number;
    p99_ms: number;
    mean_ms: number;
    holds: number;
    failed: number;
    total: number;
    phases: PhaseTime[];
}
export interface Limit {
    name: string;
    used: number;
    most: number;
    refused: number;
}

/** null: it could not be read. */
export interface Usage {
    cpu: { percent: number | null; cores: number };
    memory: { bytes: number | null; limit_bytes: number };
    files: { open: number | null; most: number };
    threads: number | null;
    loops: { name: string; lag_ms: number }[];
    connections: {
        in_use: number;
        idle: number;
        waiting: number;
        most: number;
        bound: number; // all that the process may have
        configured: number; // and as its setting says
    } | null;
    disk: { database_bytes: number; free_bytes: number | null; total_bytes: number } | null;
    problems: string[];
}

export interface LogLine {
    number: number;
    at: string;
    level: "warning" | "error";
    process: number;
    message: string;
    fields: Record<string, string | number | boolean | null>;
    times: number;
}
export interface LogReport {
    warnings: number;
    errors: number;
    lines: LogLine[];
}

export interface Statement {
    statement: string;
    endpoint: string;
    type: string;
    count: number;
    failed: number;
    rows: number;
    scanned: number;
    waited_ms: number;
    took_ms: number;
    decoded_ms: number;
    mean_ms: number;
    p95_ms: number;
    slowest_ms: number;
    fingerprint: string;
    text: string;
}
export interface IndexAdvice {
    table: string;
    columns: string[];
    why: string;
    migration: string;
    before: string;
    after: string;
}
export interface SlowStatement {
    statement: string;
    fingerprint: string;
    endpoint: string;
    text: string;
    took_ms: number;
    waited_ms: number;
    goal_ms: number;
    rows: number;
    scanned: number;
    failed: boolean;
    plan: string;
    words: string;
    advice: IndexAdvice[];
    times: number;
    at: string;
}
export interface RepeatedStatement {
    statement: string;
    fingerprint: string;
    endpoint: string;
    text: string;
    runs: number;
    took_ms: number;
    share: number;
    fix: string;
    times: number;
}
export interface Queries {
    statements: Statement[];
    slow: SlowStatement[];
    repeated: RepeatedStatement[];
    over_budget: { endpoint: string; budget: number; statements: number; ran: string; times: number }[];
}
export interface Indexes {
    missing: IndexAdvice[];
    unused: { table: string; index: string; columns: string[]; why: string; migration: string }[];
    statements: number;
}

export interface CacheSubject {
    type: string;
    name: string;
    hits: number;
    stale: number;
    misses: number;
    bypassed: number;
    hit_ratio: number;
    rebuild_seconds: number;
    saved_seconds: number;
    saved_statements: number;
    entries: number;
    bytes: number;
}
export interface CacheEntry {
    id: string;
    name: string;
    key: string;
    kind: string;
    hits: number;
    bytes: number;
    age_seconds: number;
    fresh_seconds: number;
    is_unmoved: boolean;
    tables: string[];
    rebuild_seconds: number;
}
export interface Cache {
    is_on: boolean;
    entries: number;
    bytes: number;
    most_bytes: number;
    removed: Record<string, number>;
    waiting: number;
    subjects: CacheSubject[];
    top: CacheEntry[];
}

export interface Queue {
    name: string;
    ready: number;
    scheduled: number;
    running: number;
    dead: number;
    oldest: string | null;
    is_paused: boolean;
}
export interface Task {
    state: string;
    id: string;
    name: string;
    queue: string;
    failures: number;
    deaths: number;
    progress: number;
    progress_words: string;
    result: string;
    error: string;
    error_type: string;
    pushed_at: string | null;
    due: string | null;
    begun_at: string | null;
    ended_at: string | null;
}
export interface Tasks {
    broker: string;
    is_durable: boolean;
    warning: string;
    queues: Queue[];
    dead: Task[];
    tasks: Task[];
}
export interface ScheduleEntry {
    name: string;
    when: string;
    task: string;
    is_on: boolean;
    last: string | null;
    next: string | null;
}

export interface HistoryLine {
    of: string;
    name: string;
    figure: string;
    unit: string;
    values: (number | null)[];
}
export interface History {
    span: string;
    step_seconds: number;
    at: number[];
    lines: HistoryLine[];
}

export interface Slow {
    number: number;
    at: string;
    kind: "request" | "task";
    why: "slow" | "deadline" | "failed";
    method: string;
    name: string;
    target: string;
    status: number;
    error: string;
    total_ms: number;
    goal_ms: number;
    phases: PhaseTime[];
    statement_runs: number;
    rows: number;
    statements: { statement: string; count: number; ms: number }[];
    cpu: { seen: number; frames: string[] }[];
    request_id: string;
    trace_id: string;
    process: number;
}
export interface SlowReport {
    kept: number;
    most: number;
    slow: Slow[];
}

export interface RateNow {
    per_second: number;
    count: number; // in the last minute
    failed: number;
    holds: number; // the share within the goals
    share: number; // that is to be
    p50_ms: number;
    p99_ms: number;
}
export interface Use {
    used: number;
    most: number;
}
/** A process of the service. */
export interface Instance {
    id: string;
    of: string; // the server process that it belongs to; its own: to none
    is_self: boolean;
    state: "up" | "gone";
    heard_seconds_ago: number;
    version: string;
    role: "server" | "worker";
    host: string;
    pid: number;
    api: string; // addresses; empty: it has none
    admin: string;
    began: string;
    work: RateNow; // a server's requests, a worker's tasks
    cpu_percent: number;
    memory_bytes: number;
    connections: Use | null;
    clients: Use;
    running: Use;
    goals_kept: number;
    goals_missed: number;
}
export interface InstanceSum {
    servers: number;
    workers: number;
    gone: number;
    versions: string[];
    requests: RateNow;
    tasks: RateNow;
    cores_used: number;
    memory_bytes: number;
    connections: Use;
    running: Use;
}
/** How many processes the load needs; of a server process only. */
export interface Need {
    what: "servers" | "workers";
    wanted: number; // that are asked for
    needed: number; // by the last look
    has: number;
    words: string; // "needs 3: the processor is at 88 % of 70 %"
}
export interface Instances {
    through: string; // what they share; empty: nothing
    problem: string; // why the others cannot be asked; empty: nothing
    asked_seconds_ago: number;
    instances: Instance[];
    has_more: boolean;
    sum: InstanceSum;
    needs: Need[];
}
