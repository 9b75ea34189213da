// The format of server-sent events (WHATWG HTML, "Parsing an event stream"), for a stream that is read by
// fetch(): an EventSource cannot send a token. Pure.

export interface ServerEvent {
    event: string;
    data: string;
}

/** Takes text as it comes and gives the events that are whole. */
export class EventParser {
    private rest = "";
    private event = "";
    private data: string[] = [];

    take(text: string): ServerEvent[] {
        const found: ServerEvent[] = [];
        const lines = (this.rest + text).split(/\r\n|\n|\r/);
        this.rest = lines.pop()!;
        for (const line of lines) {
            if (line === "") {
                if (this.data.length > 0) {
                    found.push({ event: this.event || "message", data: this.data.join("\n") });
                }
                this.event = "";
                this.data = [];
            } else {
                this.field(line);
            }
        }
        return found;
    }

    private field(line: string): void {
        const colon = line.indexOf(":");
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (name === "event") {
            this.event = value;
        } else if (name === "data") {
            this.data.push(value);
        }
    }
}
