// What the server tells by itself: one stream of events for the whole page, which comes again when it ends.
import { useEffect, useState } from "preact/hooks";

import { ask, Refused } from "./api";
import { EventParser } from "./events";
import type { Goal, Limit, Program, Work } from "./types";

export type Connection = "connecting" | "live" | "reconnecting" | "paused" | "signed out";

export interface Live {
    connection: Connection;
    at: number; // of the last news, milliseconds since 1970; 0: none yet
    program: Program | null;
    goals: Goal[] | null;
    work: Work[];
    limits: Limit[];
    warnings: number;
    errors: number;
}

let live: Live = {
    connection: "connecting",
    at: 0,
    program: null,
    goals: null,
    work: [],
    limits: [],
    warnings: 0,
    errors: 0,
};
const listeners = new Set<() => void>();

function change(what: Partial<Live>): void {
    live = { ...live, ...what };
    listeners.forEach((tell) => tell());
}

/** The newest state; a component that asks is drawn again with each change. */
export function useLive(): Live {
    const [, draw] = useState(0);
    useEffect(() => {
        const tell = () => draw((count) => count + 1);
        listeners.add(tell);
        return () => void listeners.delete(tell);
    }, []);
    return live;
}

/** Whether the server can be asked for `path`. */
export const useHas = (path: string): boolean => useLive().program?.paths.includes(path) ?? false;

// Sections of one look come in one go and are shown together, when `now` ends them.
let pending: Partial<Live> = {};

function take(event: string, data: string): void {
    const value = JSON.parse(data);
    switch (event) {
        case "program":
            pending.program = value;
            break;
        case "goals":
            pending.goals = value.goals;
            break;
        case "work":
            pending.work = value.work;
            break;
        case "limits":
            pending.limits = value.limits;
            break;
        case "log":
            Object.assign(pending, value);
            break;
        case "now":
            change({ ...pending, at: Date.parse(value.at), connection: "live" });
            pending = {};
            break;
    }
}

// The server says something every two seconds.
const silenceMs = 10_000;
const waitsMs = [500, 1000, 2000, 4000];

let stream: AbortController | null = null;

async function read(controller: AbortController): Promise<void> {
    let watchdog = setTimeout(() => controller.abort(), silenceMs);
    try {
        const response = await ask("/api/live", { signal: controller.signal });
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        const parser = new EventParser();
        for (;;) {
            const { done, value } = await reader.read();
            if (done) {
                return;
            }
            clearTimeout(watchdog);
            watchdog = setTimeout(() => controller.abort(), silenceMs);
            parser.take(value).forEach((each) => take(each.event, each.data));
        }
    } finally {
        clearTimeout(watchdog);
        controller.abort();
    }
}

async function follow(): Promise<void> {
    let failures = 0;
    while (live.connection !== "paused" && live.connection !== "signed out") {
        const controller = new AbortController();
        stream = controller;
        const before = live.at;
        try {
            await read(controller);
        } catch (error) {
            if (error instanceof Refused && error.status === 401) {
                change({ connection: "signed out" });
                return;
            }
        }
        if (stream !== controller) {
            return; // paused, and perhaps followed anew
        }
        failures = live.at > before ? 0 : failures + 1;
        change({ connection: "reconnecting" });
        await new Promise((resolve) =>
            setTimeout(resolve, waitsMs[Math.min(failures, waitsMs.length - 1)]),
        );
        if (stream !== controller) {
            return;
        }
    }
}

export function start(): void {
    change({ connection: "connecting" });
    void follow();
}

export function pause(): void {
    const old = stream;
    stream = null;
    change({ connection: "paused" });
    old?.abort();
}

export const isPaused = (): boolean => live.connection === "paused" || live.connection === "signed out";
