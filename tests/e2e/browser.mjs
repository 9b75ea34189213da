// A page of Chromium with a profile of its own.
import { rmSync } from "node:fs";

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
