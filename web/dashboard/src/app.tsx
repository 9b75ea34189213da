// The page: its head with what is followed and how, the sections, and the one that is shown.
import { useEffect, useState } from "preact/hooks";

import { hasToken, keepToken, whenTokenIsNeeded } from "./api";
import { CachePage } from "./cache";
import { Confirmations } from "./confirm";
import { moment } from "./format";
import { Goals } from "./goals";
import { InstancePage } from "./instances";
import { pause, start, useLive, type Connection, type Live } from "./live";
import { LogPage } from "./log";
import { OverloadPage } from "./overload";
import { ProfilePage } from "./profile";
import { QueryPage } from "./queries";
import { ResourcePage } from "./resources";
import { ReviewPage } from "./review";
import { hrefOf, useRoute } from "./route";
import { SlowPage } from "./slow";
import { TaskPage } from "./tasks";
import { OneWork, WorkTable } from "./work";

interface Page {
    name: string;
    title: string;
    show: (of: string | undefined) => preact.JSX.Element;
    needs?: string; // a path of the server's, without which there is no such page
    badge?: (live: Live) => number; // what asks to be looked at
}

const pages: Page[] = [
    {
        name: "goals",
        title: "Goals",
        show: () => <Goals />,
        needs: "/goals",
        badge: (live) => (live.goals ?? []).filter((each) => each.standing === "missed").length,
    },
    { name: "work", title: "Routes", show: (of) => (of ? <OneWork of={of} key={of} /> : <WorkTable />) },
    { name: "slow", title: "Slow", show: () => <SlowPage />, needs: "/api/slow" },
    { name: "queries", title: "Queries", show: () => <QueryPage />, needs: "/api/queries" },
    { name: "cache", title: "Cache", show: () => <CachePage />, needs: "/api/cache" },
    { name: "tasks", title: "Tasks", show: () => <TaskPage />, needs: "/api/tasks" },
    { name: "resources", title: "Resources", show: () => <ResourcePage />, needs: "/api/history" },
    { name: "instances", title: "Instances", show: () => <InstancePage />, needs: "/api/instances" },
    { name: "overload", title: "Overload", show: () => <OverloadPage />, needs: "/api/admission" },
    { name: "profile", title: "Profile", show: () => <ProfilePage />, needs: "/api/profile" },
    { name: "review", title: "Review", show: () => <ReviewPage />, needs: "/review" },
    { name: "log", title: "Log", show: () => <LogPage />, badge: (live) => live.errors },
];

const isThere = (page: Page, live: Live): boolean =>
    !page.needs || (live.program?.paths.includes(page.needs) ?? true);

const connectionWords: Record<Connection, string> = {
    connecting: "connecting…",
    live: "live",
    reconnecting: "reconnecting…",
    paused: "paused",
    "signed out": "signed out",
};

// On a narrow screen the sections are wider than it is.
function intoView(link: HTMLElement | null) {
    const nav = link?.parentElement;
    if (
        nav &&
        (link.offsetLeft < nav.scrollLeft ||
            link.offsetLeft + link.offsetWidth > nav.scrollLeft + nav.clientWidth)
    ) {
        nav.scrollLeft = link.offsetLeft - 40;
    }
}

function Head({ live, shown }: { live: Live; shown: Page }) {
    const isPaused = live.connection === "paused";
    return (
        <header class="head">
            <div class="who">
                <h1>{live.program?.program ?? "Dashboard"}</h1>
                <span>
                    {live.program &&
                        `${live.program.role}${live.program.version && ` ${live.program.version}`}`}
                </span>
            </div>
            <div class={`state ${live.connection.replace(" ", "-")}`}>
                <span role="status">{connectionWords[live.connection]}</span>
                <time>{live.at > 0 ? moment(live.at) : ""}</time>
                <button type="button" onClick={() => (isPaused ? start() : pause())}>
                    {isPaused ? "Go on" : "Pause"}
                </button>
            </div>
            <nav aria-label="Sections">
                {pages
                    .filter((page) => isThere(page, live))
                    .map((page) => {
                        const badge = live.program ? (page.badge?.(live) ?? 0) : 0;
                        return (
                            <a
                                key={page.name}
                                href={hrefOf([page.name])}
                                ref={page === shown ? intoView : undefined}
                                aria-current={page === shown ? "page" : undefined}>
                                {page.title}
                                {badge > 0 && <span class="badge">{badge > 99 ? "99+" : badge}</span>}
                            </a>
                        );
                    })}
            </nav>
        </header>
    );
}

function SignIn({ wasRefused, signedIn }: { wasRefused: boolean; signedIn: () => void }) {
    const [token, setToken] = useState("");
    return (
        <main class="sign-in">
            <h1>Dashboard</h1>
            <p>
                This program asks for its admin token, the value of <code>BRIO_ADMIN_TOKEN</code>. It is
                kept until this tab is closed.
            </p>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    keepToken(token);
                    signedIn();
                }}>
                {wasRefused && <p class="failed" role="alert">The program does not take this token.</p>}
                <label for="token">Token</label>
                <input
                    id="token"
                    type="password"
                    autocomplete="current-password"
                    required
                    value={token}
                    onInput={(event) => setToken(event.currentTarget.value)}
                />
                <button type="submit" class="primary">
                    Sign in
                </button>
            </form>
        </main>
    );
}

export function App() {
    const live = useLive();
    const [name, of] = useRoute();
    const [token, setToken] = useState<"" | "needed" | "refused">("");
    const shown = pages.find((page) => page.name === name) ?? pages.find((page) => isThere(page, live))!;

    useEffect(() => {
        whenTokenIsNeeded((wasRefused) => setToken(wasRefused ? "refused" : "needed"));
        start();
    }, []);
    useEffect(() => {
        document.title = `${shown.title} · ${live.program?.program ?? "Dashboard"}`;
    }, [shown, live.program?.program]);

    if (token) {
        return (
            <SignIn
                wasRefused={token === "refused"}
                signedIn={() => {
                    setToken("");
                    start();
                }}
            />
        );
    }
    return (
        <>
            <a
                class="skip"
                href="#main"
                onClick={(event) => {
                    event.preventDefault();
                    document.getElementById("main")!.focus();
                }}>
                Skip to the content
            </a>
            <Head live={live} shown={shown} />
            <main id="main" tabIndex={-1}>
                {live.program === null ? <p class="loading">Reading…</p> : shown.show(of)}
            </main>
            {!hasToken() && (
                <footer>
                    <a href="/metrics">/metrics</a>
                    <a href="/queries">/queries</a>
                </footer>
            )}
            <Confirmations />
        </>
    );
}
