// What is done again and again: when, whether it is on, and now if somebody wants it.
import { Change } from "./confirm";
import { moment } from "./format";
import { Empty, Loaded, Section, Status } from "./parts";
import { usePoll } from "./poll";
import { Table } from "./table";
import type { ScheduleEntry } from "./types";

function Acts({ entry, again }: { entry: ScheduleEntry; again: () => void }) {
    const path = `/api/schedule/${encodeURIComponent(entry.name)}`;
    const turned = entry.is_on ? "off" : "on";
    return (
        <>
            <Change
                label={`Turn ${turned}`}
                title={`Turn ${entry.name} ${turned}?`}
                verb={`Turn ${turned}`}
                words="For all instances, and over restarts. What it misses while it is off is not caught up."
                method="POST"
                path={`${path}/${turned}`}
                done={`${entry.name} is ${turned}.`}
                again={again}
            />
            <Change
                label="Run now"
                title={`Run ${entry.name} now?`}
                verb="Run"
                words={`${entry.task} is pushed as if it was due.`}
                method="POST"
                path={`${path}/run`}
                done={`${entry.task} waits for a worker.`}
                again={again}
            />
        </>
    );
}

export function Schedule() {
    const schedule = usePoll<{ entries: ScheduleEntry[] }>("/api/schedule", 5);
    return (
        <Section title="Schedule" words="What is done again and again.">
            <Loaded of={schedule} what="schedule">
                {({ entries }) => entries.length === 0
                    ? <Empty command={'schedule.cron("nightly", "0 3 * * *", Tidy{});'}>
                        Nothing is scheduled. An entry is made with:
                    </Empty>
                    : <Table label="Schedule" rows={entries} name={(each) => each.name} columns={[
                        {
                            head: "Entry",
                            width: "name",
                            by: (each) => each.name,
                            cell: (each) => <>{each.name}<small>{each.task}</small></>,
                        },
                        { head: "When", width: "unbroken", cell: (each) => <code>{each.when}</code> },
                        {
                            head: "Is",
                            cell: (each) => (
                                <Status tone={each.is_on ? "good" : "none"}>
                                    {each.is_on ? "on" : "off"}
                                </Status>
                            ),
                        },
                        { head: "Last", by: (each) => each.last ?? "", cell: (each) => moment(each.last) },
                        { head: "Next", by: (each) => each.next ?? "", cell: (each) => moment(each.next) },
                        {
                            head: "",
                            width: "acts",
                            cell: (each) => <Acts entry={each} again={schedule.again} />,
                        },
                    ]} />}
            </Loaded>
        </Section>
    );
}
