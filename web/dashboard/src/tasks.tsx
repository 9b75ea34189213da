// Background tasks: queues, and what runs, waits and is dead. The schedule is in schedule.tsx.
import { useState } from "preact/hooks";

import { Chart } from "./chart";
import { Change } from "./confirm";
import { ago, count, moment, percent } from "./format";
import { linesOf, useHistory, useSpan } from "./history";
import { Choice, Empty, Loaded, Section, Status, type Tone } from "./parts";
import { useHas, useLive } from "./live";
import { usePoll } from "./poll";
import { Schedule } from "./schedule";
import { figure, Table, type Column } from "./table";
import type { Queue, Task, Tasks } from "./types";

interface Rows<Row> {
    rows: Row[];
    again: () => void;
}

function QueueActs({ queue, again }: { queue: Queue; again: () => void }) {
    const { name, is_paused: isPaused, ready, scheduled } = queue;
    const path = `/api/queues/${encodeURIComponent(name)}`;
    return (
        <>
            <Change
                label={isPaused ? "Resume" : "Pause"}
                title={`${isPaused ? "Resume" : "Pause"} ${name}?`}
                verb={isPaused ? "Resume" : "Pause"}
                words={isPaused
                    ? "Workers take its tasks again."
                    : "What has begun goes on; nothing more of it begins until it is resumed."}
                method="POST"
                path={`${path}/${isPaused ? "resume" : "pause"}`}
                done={`${name} ${isPaused ? "goes on" : "is paused"}.`}
                again={again}
            />
            <Change
                label="Purge"
                title={`Purge ${name}?`}
                verb="Drop what waits"
                words={`${count(ready + scheduled)} tasks wait there, due or not. They leave no trace.`}
                method="DELETE"
                path={path}
                done={`${name} is empty.`}
                again={again}
            />
        </>
    );
}

function Queues({ rows, again }: Rows<Queue>) {
    return (
        <Table label="Queues" rows={rows} name={(each) => each.name} columns={[
            {
                head: "Queue",
                width: "name",
                by: (each) => each.name,
                cell: (each) => <>{each.name}{each.is_paused && <Status tone="warn">paused</Status>}</>,
            },
            figure("Ready", (each: Queue) => each.ready),
            figure("Running", (each: Queue) => each.running),
            figure("Scheduled", (each: Queue) => each.scheduled),
            {
                ...figure("Dead", (each: Queue) => each.dead),
                cell: (each) => <span class={each.dead > 0 ? "bad" : ""}>{count(each.dead)}</span>,
            },
            {
                head: "Oldest",
                isNumber: true,
                by: (each) => -Date.parse(each.oldest ?? "9999"),
                cell: (each) => ago(each.oldest),
            },
            { head: "", width: "acts", cell: (each) => <QueueActs queue={each} again={again} /> },
        ]} />
    );
}

const name: Column<Task> = {
    head: "Task",
    width: "name",
    by: (each) => each.name,
    cell: (each) => <>{each.name}<small>{each.id}</small></>,
};
const queue: Column<Task> = { head: "Queue", by: (each) => each.queue, cell: (each) => each.queue };

function DeadActs({ task, again }: { task: Task; again: () => void }) {
    const path = `/api/tasks/${encodeURIComponent(task.id)}`;
    return (
        <>
            <Change
                label="Retry"
                title={`Retry ${task.name}?`}
                verb="Retry"
                words={task.error_type === "upstream"
                    ? "It never began, as a task before it failed: alone it lacks what that one gives. " +
                      "When that one is retried and done, this one follows by itself."
                    : "It runs once more, with nothing counted against it."}
                method="POST"
                path={`${path}/retry`}
                done={`${task.name} waits for a worker.`}
                again={again}
            />
            <Change
                label="Drop"
                title={`Drop ${task.name}?`}
                verb="Drop"
                words="It is gone, and does not run again."
                method="DELETE"
                path={path}
                done={`${task.name} was dropped.`}
                again={again}
            />
        </>
    );
}

function Dead({ rows, again }: Rows<Task>) {
    return (
        <Table label="Dead tasks" rows={rows} name={(each) => each.id} columns={[
            name,
            queue,
            {
                head: "Why",
                width: "words",
                cell: (each) => (
                    <details class="statement">
                        <summary>{each.error.split("\n")[0] || each.error_type}</summary>
                        <code>{`${each.error_type}\n${each.error}`}</code>
                    </details>
                ),
            },
            figure("Failures", (each: Task) => each.failures),
            figure("Deaths", (each: Task) => each.deaths),
            { head: "Ended", by: (each) => each.ended_at ?? "", cell: (each) => moment(each.ended_at) },
            { head: "", width: "acts", cell: (each) => <DeadActs task={each} again={again} /> },
        ]} />
    );
}

const tones: Record<string, Tone> = { done: "good", failed: "bad", retrying: "warn", expired: "warn" };
const canBeCancelled = (task: Task) => ["pending", "retrying", "running"].includes(task.state);

function progress(task: Task): string {
    return task.progress > 0 || task.progress_words
        ? `${percent(task.progress)} ${task.progress_words}`
        : task.error.split("\n")[0] || "–";
}

function TaskList({ rows, again }: Rows<Task>) {
    return (
        <Table label="Tasks" rows={rows} name={(each) => each.id} columns={[
            name,
            {
                head: "State",
                by: (each) => each.state,
                cell: (each) => <Status tone={tones[each.state] ?? "none"}>{each.state}</Status>,
            },
            queue,
            { head: "Progress", width: "words", cell: progress },
            { head: "Pushed", by: (each) => each.pushed_at ?? "", cell: (each) => moment(each.pushed_at) },
            { head: "Due", by: (each) => each.due ?? "", cell: (each) => moment(each.due) },
            {
                head: "",
                width: "acts",
                cell: (each) => canBeCancelled(each) && (
                    <Change
                        label="Cancel"
                        title={`Cancel ${each.name}?`}
                        verb="Cancel it"
                        words={each.state === "running"
                            ? "Its worker is told to stop it."
                            : "It never begins."}
                        method="DELETE"
                        path={`/api/tasks/${encodeURIComponent(each.id)}`}
                        done={`${each.name} was taken back.`}
                        again={again}
                    />
                ),
            },
        ]} />
    );
}

function Waiting() {
    const [span, choice] = useSpan();
    const history = useHistory(span, "queues");
    return (
        <Section title="Waiting tasks over time" tools={choice}>
            <Loaded of={history} what="history">
                {(data) => {
                    const lines = (figure: string) => linesOf(data, figure, (line) => line.name);
                    return data.lines.length === 0
                        ? <Empty>No queue has had a task yet.</Empty>
                        : <div class="charts">
                            <Chart title="Waiting" unit="count" at={data.at} lines={lines("waiting")} />
                            <Chart title="The oldest waits for" unit="seconds" at={data.at}
                                lines={lines("oldest")} />
                        </div>;
                }}
            </Loaded>
        </Section>
    );
}

const states = [["", "Latest"], ["running", "Running"], ["pending", "Waiting"], ["retrying", "Retrying"],
    ["done", "Done"]] as const;
type State = (typeof states)[number][0];

export function TaskPage() {
    const [state, setState] = useState<State>("");
    const program = useLive().program?.program ?? "";
    const hasHistory = useHas("/api/history");
    const tasks = usePoll<Tasks>(`/api/tasks?top=100${state && `&state=${state}`}`, 3);
    return (
        <Loaded of={tasks} what="tasks">
            {(data) => (
                <>
                    <Section title="Queues" words={`Kept by ${data.broker}.`}>
                        {data.warning && <p class="failed">{data.warning}</p>}
                        {data.queues.length === 0
                            ? <Empty>No queue has anything in it.</Empty>
                            : <Queues rows={data.queues} again={tasks.again} />}
                    </Section>
                    <Section title="Dead"
                        words="Failed for good, what they wait for did, or their workers died too often.">
                        {data.dead.length === 0
                            ? <Empty>No task is dead.</Empty>
                            : <Dead rows={data.dead} again={tasks.again} />}
                    </Section>
                    <Schedule />
                    {hasHistory && <Waiting />}
                    <Section title="Tasks" tools={
                        <Choice label="State" all={states} chosen={state} choose={setState} />}>
                        {data.tasks.length === 0
                            ? <Empty command={`${program} task send NAME '[1]'`}>
                                There is none. Push one:
                            </Empty>
                            : <TaskList rows={data.tasks} again={tasks.again} />}
                    </Section>
                </>
            )}
        </Loaded>
    );
}
