// What is let in: how many requests of each route are under way, how many may be, and why no more.
import { count, milliseconds, percent, perSecond } from "./format";
import { Empty, Loaded, Section, Status, Tile } from "./parts";
import { phaseWords } from "./phases";
import { usePoll } from "./poll";
import { figure, Table } from "./table";

interface RouteAdmission {
    method: string;
    endpoint: string;
    importance: "critical" | "normal" | "sheddable";
    in_flight: number;
    limit: number | null; // null: as many as come
    base_ms: number;
    waited_ms: number;
    wanted_wait_ms: number;
    rate: number;
    refused: number;
    withdrawn: number;
    cause: string | null;
}
interface Admission {
    adapts: boolean;
    in_flight: number;
    in_flight_most: number;
    in_flight_refused: number;
    routes: RouteAdmission[];
}

const hasWork = (route: RouteAdmission): boolean =>
    route.limit !== null || route.base_ms > 0 || route.in_flight + route.refused + route.withdrawn > 0;

function Routes({ rows }: { rows: RouteAdmission[] }) {
    return (
        <Table
            label="Requests let in"
            rows={rows}
            name={(each) => `${each.method} ${each.endpoint}`}
            columns={[
                {
                    head: "Route",
                    width: "name",
                    by: (each) => each.endpoint,
                    cell: (each) => `${each.method} ${each.endpoint}`,
                },
                {
                    head: "Is",
                    by: (each) => each.limit ?? Infinity,
                    cell: (each) => (
                        <Status tone={each.limit === null ? "good" : "warn"}>
                            {each.limit === null ? "open" : `limited to ${count(each.limit)}`}
                        </Status>
                    ),
                },
                {
                    head: "Because of",
                    width: "words",
                    cell: (each) =>
                        each.limit === null || each.cause === null
                            ? "–"
                            : phaseWords[each.cause] ?? each.cause,
                },
                { head: "Class", by: (each) => each.importance, cell: (each) => each.importance },
                figure("In flight", (each: RouteAdmission) => each.in_flight),
                figure("Per second", (each: RouteAdmission) => each.rate, perSecond),
                figure("By itself", (each: RouteAdmission) => each.base_ms, milliseconds),
                figure("Waits", (each: RouteAdmission) => each.waited_ms, milliseconds),
                figure("May wait", (each: RouteAdmission) => each.wanted_wait_ms, milliseconds),
                figure("Refused", (each: RouteAdmission) => each.refused + each.withdrawn),
            ]}
        />
    );
}

export function OverloadPage() {
    const admission = usePoll<Admission>("/api/admission", 2);
    return (
        <Loaded of={admission} what="admission">
            {(data) => {
                const limited = data.routes.filter((each) => each.limit !== null).length;
                const refused = data.routes.reduce((sum, each) => sum + each.refused + each.withdrawn, 0);
                const used = data.routes.filter(hasWork);
                return (
                    <>
                        <dl class="tiles">
                            <Tile
                                label="In flight"
                                value={count(data.in_flight)}
                                words={`${percent(data.in_flight / data.in_flight_most)} of ` +
                                    count(data.in_flight_most)}
                            />
                            <Tile
                                label="Routes limited"
                                value={count(limited)}
                                words={limited === 0 ? "all are let in" : "see below"}
                                tone={limited > 0 ? "bad" : undefined}
                            />
                            <Tile
                                label="Refused"
                                value={count(refused + data.in_flight_refused)}
                                words="since it began"
                            />
                        </dl>
                        <Section
                            title="Requests let in"
                            words={data.adapts
                                ? "A route whose requests wait too long is limited for a while."
                                : "Only BRIO_LIMIT_IN_FLIGHT bounds them: BRIO_ADMISSION is off."}>
                            {used.length === 0
                                ? <Empty>No request has come yet.</Empty>
                                : <Routes rows={used} />}
                        </Section>
                    </>
                );
            }}
        </Loaded>
    );
}
