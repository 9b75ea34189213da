// The dashboard in Chromium, against the running service under load: a missed goal turns red and names its
// phase, a dead task is retried by a click, a profile is taken and shown, the page comes again after the
// program was restarted and asks for the token where there is one. Every section is whole to axe, fits a
// phone, and nothing comes from elsewhere or complains. Leaves pictures in the folder given as argument.
import assert from "node:assert/strict";
import { join } from "node:path";

import { seriousFaults, withPage } from "./browser.mjs";
import { withService } from "./service.mjs";

const pictures = process.argv[2];
const rows = 20_000;
const sections = ["Goals", "Routes", "Slow", "Queries", "Cache", "Tasks", "Resources", "Instances",
    "Overload", "Profile", "Review", "Log"];

const send = (url, method, body) => fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
});

/** Pages behind the last one: the whole index is stepped over for each, and no two are the same. */
async function askSlowly(api, count) {
    for (let i = 0; i < count; i += 1) {
        const answer = await fetch(`${api}/api/resources?status=active&page_size=20&page=${950 + i}`);
        assert.equal(answer.status, 200);
        await answer.arrayBuffer();
    }
}

/** What a page must never do, gathered while it is used. */
function watch(page, admin) {
    const seen = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
            seen.push(message.text());
        }
    });
    page.on("pageerror", (error) => seen.push(String(error)));
    page.on("request", (request) => {
        if (!request.url().startsWith(`${admin}/`)) {
            seen.push(`asked ${request.url()}`);
        }
    });
    return seen;
}

const open = (page, section) => page.getByRole("link", { name: section, exact: false }).and(
    page.locator("nav a")).first().click();

async function judgeSections(page) {
    for (const section of sections) {
        await open(page, section);
        await page.locator("main section, main .empty").first().waitFor();
        await page.waitForFunction(() => !document.querySelector("main .loading"));
        assert.deepEqual(await seriousFaults(page), [], section);
        const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= screen, `${section} is ${wide} wide on a screen of ${screen}`);
        if (pictures) {
            const { width } = page.viewportSize();
            const name = `dashboard-${section.toLowerCase()}-${width}.png`;
            await page.screenshot({ path: join(pictures, name) });
        }
    }
}

/** What moved on the page while it was only looked at, as Layout Instability has it: 0 is nothing. */
async function movesBy(page, milliseconds) {
    await page.evaluate(() => {
        window.moved = 0;
        const add = (list) => list.getEntries().forEach((entry) => { window.moved += entry.value; });
        new PerformanceObserver(add).observe({ type: "layout-shift" });
    });
    await page.waitForTimeout(milliseconds);
    return page.evaluate(() => window.moved);
}

async function nothingMovesWhileItIsLookedAt(page, api) {
    for (const section of ["Goals", "Routes"]) {
        await open(page, section);
        const load = askSlowly(api, 40);
        assert.ok(await movesBy(page, 4500) < 0.05, `${section} moves with each update`);
        await load;
    }
}

async function aMissedGoalTurnsRed(page, api) {
    await askSlowly(api, 150);
    const goal = page.locator(".goal.bad", { hasText: "GET /api/resources" }).first();
    await goal.waitFor({ timeout: 30_000 });
    await goal.getByText("missed", { exact: true }).waitFor();
    assert.match(await goal.locator(".why").innerText(), /Of the overrun \d+.% is (statements|waiting)/);
    await goal.getByRole("link").first().click();
    await page.getByRole("heading", { name: "What is to blame" }).waitFor();
    await page.locator(".chart canvas").first().waitFor();
}

async function aDeadTaskIsRetried(page, api, command) {
    const id = rows + 1;
    command("task", "send", "app.worker.process_data", `[${id}]`);
    await open(page, "Tasks");
    const dead = page.getByRole("region", { name: "Dead tasks" });
    await dead.getByText(`there is no resource ${id}`).first().waitFor({ timeout: 20_000 });
    const made = await (await send(`${api}/api/resources`, "POST", { name: "late" })).json();
    assert.equal(made.id, id);
    await dead.getByRole("button", { name: /^Retry/ }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await page.getByText("waits for a worker").waitFor();
    await page.getByText("No task is dead.").waitFor({ timeout: 20_000 });
    await page.getByRole("region", { name: "Tasks", exact: true }).getByText("done").first().waitFor();
}

/** Under load: what takes the processor's time is seen. */
async function aProfileIsTakenAndShown(page, api) {
    await open(page, "Profile");
    await page.getByRole("button", { name: "5 s" }).click();
    await page.getByRole("button", { name: "Take a profile" }).click();
    await page.getByText(/is being taken/).waitFor();
    const load = askSlowly(api, 400);
    const flames = page.locator(".flames");
    await flames.locator("text", { hasText: "/api/resources" }).first().waitFor({ timeout: 60_000 });
    await flames.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Zoom out" }).click();
    await page.getByRole("region", { name: "Functions" }).getByRole("row").nth(1).waitFor();
    await page.getByLabel("Search functions").fill("sqlite");
    await page.locator(".flame-match").first().waitFor();
    await load;
    // where one has walked to may not be there without waits
    await page.getByLabel("Search functions").fill("");
    await page.getByRole("button", { name: "With waits" }).click();
    await page.locator(".flame-wait").first().waitFor();
    const waits = Math.min(await page.locator(".flame-wait").count(), 30);
    for (let i = 0; i < waits; i += 1) {
        await page.getByRole("button", { name: "With waits" }).click();
        await page.locator(".flame-wait").nth(i).hover({ force: true });
        await page.getByRole("button", { name: "Processor" }).click();
        await page.locator(".flame-words", { hasText: /^all: / }).waitFor();
    }
}

/** A longer span has more of them: the pointer may stand where the shorter one has none. */
async function aChartOutlastsThePointer(page) {
    await open(page, "Resources");
    const chart = page.locator(".chart").first();
    await page.getByRole("button", { name: "6 h" }).click();
    const { x, y, width, height } = await chart.locator(".u-over").boundingBox();
    await page.mouse.move(x + width - 30, y + height / 2);
    await page.mouse.move(x + width - 20, y + height / 2);
    await chart.locator("time", { hasText: ":" }).waitFor();
    await page.getByRole("button", { name: "10 min" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("[aria-pressed=true]", { hasText: "10 min" }).waitFor();
    await chart.locator("time", { hasText: ":" }).waitFor();
}

async function itComesAgainAfterARestart(page, child) {
    const state = page.locator(".state");
    const streams = [];
    page.on("request", (request) => request.url().endsWith("/api/live") && streams.push(request));
    child.kill("SIGHUP");  // the next server process takes over
    await page.waitForRequest("**/api/live", { timeout: 20_000 });
    await state.getByText("live", { exact: true }).waitFor();
    await state.getByRole("button", { name: "Pause" }).click();
    await state.getByText("paused").waitFor();
    await state.getByRole("button", { name: "Go on" }).click();
    await state.getByText("live", { exact: true }).waitFor();
}

await withService(rows, ({ api, admin, child, command }) => withPage(async (page) => {
    const seen = watch(page, admin);
    await page.goto(`${admin}/`);
    await page.locator(".state").getByText("live", { exact: true }).waitFor();
    await aMissedGoalTurnsRed(page, api);
    await aDeadTaskIsRetried(page, api, command);
    await nothingMovesWhileItIsLookedAt(page, api);
    await aProfileIsTakenAndShown(page, api);
    await aChartOutlastsThePointer(page);
    await judgeSections(page);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await judgeSections(page);
    assert.deepEqual(seen, []);
    await itComesAgainAfterARestart(page, child);
}), { workers: 1, env: { BRIO_GOAL_API_MS: "1", BRIO_GOAL_QUERY_MS: "1", BRIO_DEADLINE_API_MS: "20000",
    BRIO_DEADLINE_QUERY_MS: "20000", BRIO_LOG: "off" } });
console.log("dashboard: goals, tasks, every section");

await withService(1, ({ admin }) => withPage(async (page) => {
    await page.goto(`${admin}/`);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("does not take this token").waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel("Token").fill("s3cret");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".state").getByText("live", { exact: true }).waitFor();
    await page.reload();
    await page.locator(".state").getByText("live", { exact: true }).waitFor();
}), { env: { BRIO_ADMIN_TOKEN: "s3cret" } });
console.log("dashboard: asks for the token");
