// Takes the pictures of the goals board that README.md and the guide show, into the folder given as argument,
// after some load under which goals are missed. No test: by hand, when the page has come to look different,
// with whole paths in BRIO_BIN (build/release/bin) and BRIO_NODE_MODULES (build/release/web/node_modules).
import { join } from "node:path";

import { withPage } from "./browser.mjs";
import { withService } from "./service.mjs";

const folder = process.argv[2];
const load = (program, url, rate) => spawn(join(process.env.BRIO_BIN, program),
    ["load", url, "--rate", rate, "--for", "100s", "--quiet"].map(String), { stdio: "ignore" });

await withService(60_000, async ({ api, admin }) => {
    const loads = [
        load("resources", api, 60),
        load("brio", `${api}/api/users/7`, 80),
        load("brio", `${api}/api/resources?status=active&page=700`, 12),  // deep pages are slow
    ];
    await withPage(async (page) => {
        await page.goto(`${admin}/`);
        await page.waitForTimeout(75_000);
        for (const [name, height] of [["dashboard", 640], ["dashboard-goals", 1060]]) {
            await page.setViewportSize({ width: 1200, height });
            await page.screenshot({ path: join(folder, `${name}.png`) });
        }
    });
    loads.forEach((each) => each.kill());
}, { workers: 1, env: { BRIO_GOAL_API_MS: "20", BRIO_GOAL_QUERY_MS: "10", BRIO_LOG: "off" } });
