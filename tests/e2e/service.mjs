// Starts the reference service on free ports with a database of its own, and ends it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const programOf = (name) => join(process.env.BRIO_BIN, name);

/** Modules of web/package.json, which stand in the build tree. */
export const modules = createRequire(join(process.env.BRIO_NODE_MODULES, "x.js"));

export function temporaryFolder() {
    return mkdtempSync(join(tmpdir(), "brio-e2e-"));
}

async function freePorts(count) {
    const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    })));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}

async function answers(url, child) {
    const end = Date.now() + 20_000;
    while (Date.now() < end) {
        assert.equal(child.exitCode, null, "the service ended while starting");
        const response = await fetch(url).catch(() => null);
        if (response?.ok) {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`${url} did not answer within 20 s`);
}

/**
 * Runs `use({api, admin, child, command})` against a service of `rows` made-up rows; SIGTERM must end it
 * well. `name` is another program than the reference service, `env` more settings; `command` runs one of its
 * commands.
 */
export async function withService(rows, use, { name = "resources", workers = 0, env: more = {} } = {}) {
    const program = programOf(name);
    const folder = temporaryFolder();
    const own = { DATABASE_URL: `sqlite:///${folder}/e2e.db`, BRIO_MODE: "development" };
    const env = { ...process.env, ...own, ...more };
    const command = (...words) => execFileSync(program, words, { env, cwd: folder, stdio: "inherit" });
    try {
        command("migrate", "upgrade");
        command("seed", "--count", String(rows), "--quiet");
        const [port, adminPort] = await freePorts(2);
        const child = spawn(program,
            ["serve", "--port", port, "--admin-port", adminPort, "--workers", workers].map(String),
            { env, cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
        const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
        const kill = () => child.kill("SIGKILL");
        process.once("exit", kill);
        try {
            const api = `http://127.0.0.1:${port}`;
            await answers(`${api}/healthz`, child);
            await use({ api, admin: `http://127.0.0.1:${adminPort}`, child, command });
        } finally {
            child.kill("SIGTERM");
            const outcome = await ended;
            process.removeListener("exit", kill);
            assert.equal(outcome, 0, "the service did not end well on SIGTERM");
        }
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
