import { defineConfig } from '@playwright/test'

// The browser is the distribution's Chromium: `make test` finds or installs it and names it here.
const executablePath = process.env.E2E_CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'tests',
  globalSetup: './support/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  // A test that fails now and then is a fault to be found, so nothing is tried twice.
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  globalTimeout: 35 * 60_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 20_000,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
