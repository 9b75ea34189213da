// What a page asks for itself, again and again while it is looked at.
import { useCallback, useEffect, useState } from "preact/hooks";

import { errorWords, get, Refused } from "./api";
import { isPaused } from "./live";

export interface Polled<T> {
    data: T | null; // the last that came; of another path until that of this one has come; null: none yet
    error: string; // why the last try failed; empty: it did not
    isMissing: boolean; // this program has no such thing
    again: () => void; // at once, as after a change
}

const longestMs = 30_000;

/** Asks `path` every `seconds`; not while the page is paused or hidden. null: nothing is asked. */
export function usePoll<T>(path: string | null, seconds: number): Polled<T> {
    const [state, setState] = useState<{ path: string | null } & Omit<Polled<T>, "again">>({
        path: null,
        data: null,
        error: "",
        isMissing: false,
    });
    const [count, setCount] = useState(0);

    useEffect(() => {
        if (path === null) {
            return;
        }
        let over = false;
        let isAsking = false;
        const look = async () => {
            isAsking = true;
            try {
                const data = await get<T>(path, { signal: AbortSignal.timeout(longestMs) });
                if (!over) {
                    setState({ path, data, error: "", isMissing: false });
                }
            } catch (error) {
                if (!over) {
                    const isMissing = error instanceof Refused && error.status === 404;
                    setState((before) => ({
                        path,
                        data: before.path === path ? before.data : null,
                        error: isMissing ? "" : errorWords(error),
                        isMissing,
                    }));
                }
            }
            isAsking = false;
        };
        void look();
        const timer = setInterval(() => {
            if (!isAsking && !isPaused() && !document.hidden) {
                void look();
            }
        }, seconds * 1000);
        return () => {
            over = true;
            clearInterval(timer);
        };
    }, [path, seconds, count]);

    const again = useCallback(() => setCount((before) => before + 1), []);
    return { data: state.data, error: state.error, isMissing: state.isMissing, again };
}
