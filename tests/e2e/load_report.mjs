// The page that a load test writes, as a browser shows it: without errors, in light and dark and on paper.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { withPage } from "./browser.mjs";
import { temporaryFolder, withService } from "./service.mjs";

const folder = process.argv[2] ?? temporaryFolder();
const file = join(folder, "load_report.html");

await withService(200, async ({ api }) => {
    const brio = join(process.env.BRIO_BIN, "brio");
    const words = ["load", `${api}/api/resources`, "--users", "4", "--for", "3s", "--html", file,
        "--goal", "p50<10s", "--goal", "max<1us", "--quiet"];
    const done = spawnSync(brio, words, { encoding: "utf8" });
    assert.equal(done.status, 1, `max<1us is missed: ${done.stdout} ${done.stderr}`);
});

await withPage(async (page) => {
    const problems = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
        if (!request.url().startsWith("file:")) {
            problems.push(`asks for ${request.url()}`);
        }
    });
    await page.goto(`file://${file}`);
    assert.equal(await page.textContent("#verdict"), "1 goal missed");
    assert.equal(await page.locator("tr.bad").first().locator("td").first().textContent(), "max<1us");
    assert.equal(await page.locator("figure svg").count(), 4);
    for (const svg of await page.locator("figure svg").all()) {
        const box = await svg.boundingBox();
        assert.ok(box.width > 200 && box.height > 50, `a chart of ${box.width} × ${box.height}`);
    }
    assert.ok((await page.locator("path.line-1").first().getAttribute("d")).length > 10);
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await paper();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await paper(), light);
    await page.setViewportSize({ width: 400, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide for a telephone`);
    assert.deepEqual(problems, []);
});
