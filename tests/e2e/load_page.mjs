// The page that leads a load test: a person begins one, changes its users, stops it and takes the files away.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { seriousFaults, withPage } from "./browser.mjs";
import { temporaryFolder, withService } from "./service.mjs";

const folder = process.argv[2] ?? temporaryFolder();

async function begin(words) {
    const program = spawn(join(process.env.BRIO_BIN, "brio"), words, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const url = await new Promise((found, failed) => {
        program.stderr.on("data", (bytes) => {
            said += bytes;
            const at = said.match(/open (http:\S+) to begin/);
            if (at) {
                found(at[1]);
            }
        });
        program.on("exit", () => failed(new Error(`ended: ${said}`)));
    });
    return { program, url, said: () => said };
}

await withService(200, async ({ api }) => {
    const words = ["load", `${api}/api/resources`, "--users", "4", "--for", "60s", "--web", "0", "--quiet",
        "--goal", "error_rate<1%", "--goal", "p50<10s"];
    const { program, url } = await begin(words);
    await withPage(async (page) => {
        const problems = [];
        page.on("console", (message) => problems.push(message.text()));
        page.on("pageerror", (error) => problems.push(String(error)));
        await page.goto(url);
        const text = (id) => page.textContent(`#${id}`);
        const comesTo = (id, wanted) => page.waitForFunction(
            ([its, pattern]) => new RegExp(pattern).test(document.getElementById(its).textContent),
            [id, wanted], { timeout: 30_000 });
        assert.equal(await page.inputValue("#level"), "4");
        await comesTo("state", "^ready$");
        await page.click("#start");
        await comesTo("state", "^running$");
        await comesTo("users", "^4$");
        await page.fill("#level", "9");
        await comesTo("start", "^Change$");
        await page.click("#start");
        await comesTo("users", "^9$");
        await comesTo("part", "GET /api/resources");
        await page.waitForFunction(() => document.querySelectorAll("#part figure svg").length === 4);
        assert.ok(await page.isDisabled("#for_s"), "how long is said at the begin");
        await page.screenshot({ path: join(folder, "load_page.png"), fullPage: true });
        await page.click("#stop");
        await comesTo("state", "^over: every goal held$");
        assert.equal(await page.textContent("#verdict"), "Every goal is held");
        await comesTo("start", "^Start$");
        const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=stats.csv")]);
        assert.equal(file.suggestedFilename(), "stats.csv");
        assert.match(await (await fetch(`${url}stats.csv`)).text(), /^Type,Name,Request Count/);
        assert.equal((await (await fetch(`${url}report.json`)).json()).verdict.held, true);
        assert.match(await text("failed"), /^0 %$/);
        assert.deepEqual(await seriousFaults(page), []);
        await page.setViewportSize({ width: 400, height: 800 });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `${overflow} px too wide for a telephone`);
        assert.deepEqual(problems, []);
    });
    program.kill("SIGTERM");
    const [status] = await once(program, "exit");
    assert.equal(status, 0, "the last run held its goals");
});
