// /docs in Chromium: swagger-ui lists every operation of /openapi.json and can call one, with no error on the
// console and without asking any other host. Leaves docs.png in the folder given as argument.
import assert from "node:assert/strict";
import { join } from "node:path";

import { withPage } from "./browser.mjs";
import { withService } from "./service.mjs";

const pictures = process.argv[2];

await withService(30, ({ api }) => withPage(async (page) => {
    const complaints = [];
    const foreign = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
            complaints.push(message.text());
        }
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("requestfailed", (request) => {
        complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    page.on("request", (request) => {
        if (!request.url().startsWith(`${api}/`) && !request.url().startsWith("data:")) {
            foreign.push(request.url());
        }
    });

    const document = await (await fetch(`${api}/openapi.json`)).json();
    const isMethod = (key) => /^(get|put|post|patch|delete|head|options)$/.test(key);
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(path).filter(isMethod));

    await page.goto(`${api}/docs`);
    await page.waitForSelector("html[data-ready=yes]");
    await page.waitForSelector(".opblock");
    assert.equal(await page.locator(".opblock").count(), operations.length);
    assert.ok((await page.title()).includes(document.info.title));
    if (pictures) {
        await page.screenshot({ path: join(pictures, "docs.png") });
    }

    // a call from the page is answered by the service
    const list = page.locator(".opblock-get", { has: page.locator('[data-path="/api/resources"]') });
    await list.locator(".opblock-summary-control").first().click();
    await list.locator("button.execute").click();
    await list.locator(".live-responses-table .response-col_status", { hasText: "200" }).first().waitFor();

    assert.deepEqual(foreign, []);
    assert.deepEqual(complaints, []);
}));
console.log("docs: every operation is shown");
