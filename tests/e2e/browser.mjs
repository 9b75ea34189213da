// A page of Chromium with a profile of its own.
import { readFileSync, rmSync } from "node:fs";

import { modules, temporaryFolder } from "./service.mjs";

const { chromium } = modules("playwright-core");

export async function withPage(use) {
    const profile = temporaryFolder();
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        headless: true,
        viewport: { width: 1280, height: 1400 },
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    try {
        await use(await context.newPage());
    } finally {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
    }
}

// What axe calls serious or worse in the page, in words.
export async function seriousFaults(page) {
    // the page itself may not take a script from elsewhere
    await page.evaluate(readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8"));
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations.filter((each) => ["serious", "critical"].includes(each.impact))
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
}
