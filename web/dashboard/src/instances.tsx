// All processes of the service: what each does, and what they make together.
import { ago, bytes, count, counted, milliseconds, percent, perSecond, seconds } from "./format";
import { useLive } from "./live";
import { Empty, Loaded, Section, Status, Tile } from "./parts";
import { usePoll } from "./poll";
import { figure, held, inGoal, isBelowGoal, Table, time, type Column } from "./table";
import type { Instance, Instances, InstanceSum, Need, RateNow, Use } from "./types";

const done = (one: Instance) => one.work;
const p99 = (work: RateNow) => (work.count === 0 ? "–" : milliseconds(work.p99_ms));
const of = ({ used, most }: Use) => `${count(used)} of ${count(most)}`;

/** What another process says need not be an address. */
function urlOf(address: string): URL | null {
    try {
        return new URL(address);
    } catch {
        return null;
    }
}

/** By its port, which it keeps; one without any, or with its scheme's own, by its number. */
const nameOf = (one: Instance) => `${one.host} ${urlOf(one.api)?.port || one.pid}`;

/** Where its dashboard is; a loopback address leads elsewhere from another machine than its own. */
function dashboardOf(one: Instance, own: Instance | undefined): string | undefined {
    const url = urlOf(one.admin);
    if (url === null || one.is_self || one.state === "gone") {
        return undefined;
    }
    const { hostname } = url;
    const isLoopback = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
    return !isLoopback || one.host === own?.host ? one.admin : undefined;
}

function Name({ one, own }: { one: Instance; own: Instance | undefined }) {
    const dashboard = dashboardOf(one, own);
    return (
        <>
            {dashboard ? <a href={dashboard}>{nameOf(one)}</a> : nameOf(one)}
            <small>
                {[one.api && `pid ${one.pid}`, one.version, one.is_self && "this one"]
                    .filter(Boolean)
                    .join(", ")}
            </small>
        </>
    );
}

function columns(own: Instance | undefined, works: string): Column<Instance>[] {
    return [
        {
            head: "Process",
            width: "name",
            by: (each) => `${each.host} ${each.pid}`,
            cell: (each) => <Name one={each} own={own} />,
        },
        {
            head: "Is",
            by: (each) => each.state,
            cell: (each) =>
                each.state === "up" ? (
                    <Status tone="good">up</Status>
                ) : (
                    <>
                        <Status tone="bad">gone</Status>
                        <small>{`heard of ${seconds(each.heard_seconds_ago)} ago`}</small>
                    </>
                ),
        },
        {
            head: "Began",
            isNumber: true,
            by: (each) => -Date.parse(each.began),
            cell: (each) => <span class="unbroken">{ago(each.began)}</span>,
        },
        figure(`${works}/s`, (each) => each.work.per_second, perSecond),
        inGoal(done),
        time("p99", (each) => each.work.p99_ms, done),
        figure("CPU", (each) => each.cpu_percent / 100, percent),
        figure("Memory", (each) => each.memory_bytes, bytes),
        {
            head: "Database",
            isNumber: true,
            by: (each) => each.connections?.used ?? 0,
            cell: (each) => (each.connections ? of(each.connections) : "–"),
        },
    ];
}

function Servers({ rows, own }: { rows: Instance[]; own: Instance | undefined }) {
    return (
        <Table
            label="Server processes"
            rows={rows}
            name={(each) => each.id}
            columns={[
                ...columns(own, "Requests"),
                figure<Instance>("Clients", (each) => each.clients.used),
                {
                    head: "Goals",
                    isNumber: true,
                    by: (each) => each.goals_missed,
                    cell: (each) =>
                        each.goals_missed > 0 ? (
                            <span class="bad">{`${each.goals_missed} missed`}</span>
                        ) : (
                            `${each.goals_kept} kept`
                        ),
                },
            ]}
        />
    );
}

function Workers({ rows, all, own }: { rows: Instance[]; all: Instance[]; own: Instance | undefined }) {
    const [process, ...others] = columns(own, "Tasks");
    const besides = (one: Instance) => {
        const server = all.find((each) => each.id === one.of && each.id !== one.id);
        return server ? nameOf(server) : "itself";
    };
    return (
        <Table
            label="Worker processes"
            rows={rows}
            name={(each) => each.id}
            columns={[
                process!,
                { head: "Belongs to", width: "unbroken", by: besides, cell: besides },
                ...others,
                {
                    head: "Running",
                    isNumber: true,
                    by: (each) => each.running.used,
                    cell: (each) => of(each.running),
                },
            ]}
        />
    );
}

function Sum({ sum }: { sum: InstanceSum }) {
    const { requests, tasks } = sum;
    return (
        <dl class="tiles">
            <Tile
                label="Up"
                value={count(sum.servers + sum.workers)}
                words={
                    sum.gone > 0
                        ? `${sum.gone} gone`
                        : `${counted(sum.servers, "server")}, ${counted(sum.workers, "worker")}`
                }
                tone={sum.gone > 0 ? "bad" : undefined}
            />
            <Tile
                label="Requests"
                value={`${perSecond(requests.per_second)}/s`}
                words={`p99 ${p99(requests)}`}
            />
            <Tile
                label="Within the goal"
                value={held(requests)}
                words="of all requests"
                tone={isBelowGoal(requests) ? "bad" : undefined}
            />
            {sum.workers > 0 && (
                <Tile
                    label="Tasks"
                    value={`${perSecond(tasks.per_second)}/s`}
                    words={`${of(sum.running)} run`}
                    tone={isBelowGoal(tasks) ? "bad" : undefined}
                />
            )}
            <Tile label="Processor" value={sum.cores_used.toFixed(2)} words="cores in use" />
            <Tile label="Memory" value={bytes(sum.memory_bytes)} words="of all together" />
            {sum.connections.most > 0 && (
                <Tile
                    label="Database"
                    value={count(sum.connections.used)}
                    words={`connections of ${count(sum.connections.most)}`}
                />
            )}
        </dl>
    );
}

/** One sentence of each: how many there are to be, and why. */
function Needs({ needs }: { needs: Need[] }) {
    return (
        <>
            {needs.map((each) => (
                <p class="words-of" key={each.what}>
                    {Math.min(each.wanted, each.needed) > each.has && <Status tone="warn">too few</Status>}
                    {`${each.what === "servers" ? "Servers" : "Workers"}: ${each.words}.`}
                </p>
            ))}
        </>
    );
}

function Alone({ through }: { through: string }) {
    const program = useLive().program?.program ?? "";
    return through === "" ? (
        <Empty>
            This program has no database and no Redis, so its processes do not know of each other.
        </Empty>
    ) : (
        <Empty command={`${program} serve --port 8081 --admin-port 8001`}>
            No other server process has said anything here. One more on the same database is shown beside this
            one:
        </Empty>
    );
}

export function InstancePage() {
    const instances = usePoll<Instances>("/api/instances", 3);
    return (
        <Loaded of={instances} what="processes of the service">
            {(data) => {
                const servers = data.instances.filter((each) => each.role !== "worker");
                const workers = data.instances.filter((each) => each.role === "worker");
                const own = data.instances.find((each) => each.is_self);
                return (
                    <>
                        {data.problem && (
                            <p class="failed" role="status">
                                {`The others cannot be asked: ${data.problem}. What is shown of them is `}
                                {`${seconds(data.asked_seconds_ago)} old.`}
                            </p>
                        )}
                        {data.sum.versions.length > 1 && (
                            <p class="words-of">
                                <Status tone="warn">{`${data.sum.versions.length} versions run`}</Status>
                                {data.sum.versions.join(", ")}
                            </p>
                        )}
                        <Sum sum={data.sum} />
                        <Needs needs={data.needs} />
                        {servers.length > 0 && (
                            <Section
                                title="Servers"
                                words={data.through && `Told through ${data.through}; the last minute.`}>
                                <Servers rows={servers} own={own} />
                            </Section>
                        )}
                        {workers.length > 0 && (
                            <Section title="Workers" words="Tasks of the last minute.">
                                <Workers rows={workers} all={data.instances} own={own} />
                            </Section>
                        )}
                        {data.has_more && <p class="more">There are more; those heard of last are shown.</p>}
                        {servers.length < 2 && <Alone through={data.through} />}
                    </>
                );
            }}
        </Loaded>
    );
}
