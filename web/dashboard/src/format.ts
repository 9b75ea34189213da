// Figures as people read them: three of them, with the unit that suits. Pure.

function three(value: number): string {
    const size = Math.abs(value);
    return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

export function milliseconds(ms: number): string {
    if (ms === 0) {
        return "0";
    }
    if (ms < 0.9995) {
        return `${three(ms * 1000)} µs`;
    }
    if (ms < 999.5) {
        return `${three(ms)} ms`;
    }
    return seconds(ms / 1000);
}

export function seconds(s: number): string {
    if (s < 0.9995) {
        return milliseconds(s * 1000);
    }
    if (s < 99.5) {
        return `${three(s)} s`;
    }
    if (s < 5940) {
        return `${Math.round(s / 60)} min`;
    }
    return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}

/** A rate; small ones with as many digits as they need. */
export function perSecond(rate: number): string {
    return rate === 0 ? "0" : rate < 0.01 ? "<0.01" : rate < 1000 ? three(rate) : count(rate);
}

/** 12,345 as it is; from a million on shortened. */
export function count(value: number): string {
    if (value >= 1e9) {
        return `${three(value / 1e9)} G`;
    }
    return value >= 1e6 ? `${three(value / 1e6)} M` : Math.round(value).toLocaleString("en");
}

/** "1 error", "12,345 errors". */
export function counted(value: number, what: string): string {
    return `${count(value)} ${what}${value === 1 ? "" : "s"}`;
}

export function bytes(value: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let at = 0;
    while (value >= 1023.5 && at < units.length - 1) {
        value /= 1024;
        at += 1;
    }
    return `${at === 0 ? value : three(value)} ${units[at]}`;
}

/** A share: 1 is "100 %", and nothing less is. */
export function percent(share: number): string {
    const value = share * 100;
    if (value >= 99.995 || value === 0) {
        return `${value === 0 ? 0 : share === 1 ? 100 : 99.99} %`;
    }
    if (value < 0.05) {
        return "<0.1 %";
    }
    return `${value >= 99 ? value.toFixed(2) : value.toFixed(1)} %`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The time of day, with the day when it is another one. */
export function moment(text: string | number | null): string {
    if (text === null || text === "") {
        return "–";
    }
    const at = new Date(text);
    const isToday = at.toDateString() === new Date().toDateString();
    return isToday ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
}

export function ago(text: string | null, now = Date.now()): string {
    return text === null ? "–" : `${seconds(Math.max(0, (now - Date.parse(text)) / 1000))} ago`;
}

export function byUnit(unit: string): (value: number) => string {
    switch (unit) {
        case "seconds":
            return seconds;
        case "bytes":
            return bytes;
        case "share":
            return percent;
        case "percent":
            return (value) => `${three(value)} %`;
        case "per_second":
            return (value) => `${perSecond(value)}/s`;
        default:
            return count;
    }
}
