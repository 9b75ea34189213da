// The last warnings and errors of the log.
import { useState } from "preact/hooks";

import { count, counted, moment } from "./format";
import { Choice, Empty, Loaded, Section, Status } from "./parts";
import { usePoll } from "./poll";
import type { LogLine, LogReport } from "./types";

function Line({ line }: { line: LogLine }) {
    return (
        <li class="line">
            <time dateTime={line.at}>{moment(line.at)}</time>
            <Status tone={line.level === "error" ? "bad" : "warn"}>{line.level}</Status>
            <div>
                <p>
                    {line.message}
                    {line.times > 1 && (
                        <span class="times">{`${count(line.times)} times within a second`}</span>
                    )}
                </p>
                <dl>
                    <div>
                        <dt>process</dt>
                        <dd>{line.process}</dd>
                    </div>
                    {Object.entries(line.fields).filter(([, value]) => value !== "").map(([name, value]) => (
                        <div key={name}>
                            <dt>{name}</dt>
                            <dd>{String(value)}</dd>
                        </div>
                    ))}
                </dl>
            </div>
        </li>
    );
}

const severities = [
    ["warning", "Warnings and errors"],
    ["error", "Errors"],
] as const;
type Severity = (typeof severities)[number][0];

export function LogPage() {
    const [least, setLeast] = useState<Severity>("warning");
    const log = usePoll<LogReport>(`/api/log?least=${least}`, 3);
    return (
        <Section
            title="Log"
            tools={<Choice label="Severity" all={severities} chosen={least} choose={setLeast} />}
            words={
                log.data &&
                `${counted(log.data.errors, "error")} and ${counted(log.data.warnings, "warning")} ` +
                    "since the program began, in all its processes; the newest first."
            }>
            <Loaded of={log} what="log">
                {({ lines }) =>
                    lines.length === 0 ? (
                        <Empty>Nothing to complain of so far.</Empty>
                    ) : (
                        <ol class="log">
                            {lines.map((line) => (
                                <Line key={line.number} line={line} />
                            ))}
                        </ol>
                    )
                }
            </Loaded>
        </Section>
    );
}
