import type { BrowserContext, ConsoleMessage, Page, Request, Response } from '@playwright/test'

/**
 * Notes everything that should not happen on a page: console errors and warnings (hydration tells of itself there), errors
 * that nobody caught, requests that failed, answers that are errors. A story that provokes one says so with `expect`.
 */
export class Watch {
  private readonly seen: string[] = []
  private readonly allowed: RegExp[] = []

  constructor(context: BrowserContext) {
    this.follow(context)
  }

  /** Watches the pages of this browser, too. */
  follow(context: BrowserContext): void {
    for (const page of context.pages()) this.attach(page)
    context.on('page', (page) => this.attach(page))
  }

  /** What matches is meant to happen in this story. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns)
  }

  /** What happened and was not meant to. */
  complaints(): string[] {
    return this.seen.filter((line) => !this.allowed.some((pattern) => pattern.test(line)))
  }

  private attach(page: Page): void {
    page.on('console', (message: ConsoleMessage) => {
      if (['error', 'warning'].includes(message.type())) {
        this.seen.push(`console ${message.type()}: ${message.text()} (${message.location().url})`)
      }
    })
    page.on('pageerror', (error) => this.seen.push(`uncaught: ${error.message}`))
    page.on('requestfailed', (request: Request) => {
      const reason = request.failure()?.errorText ?? 'unknown'
      // Leaving a page, and dropping an answer that has become stale, both end requests on purpose.
      if (reason !== 'net::ERR_ABORTED') this.seen.push(`failed request: ${request.method()} ${request.url()}: ${reason}`)
    })
    page.on('response', (response: Response) => {
      if (response.status() >= 400) {
        this.seen.push(`answer ${response.status()}: ${response.request().method()} ${response.url()}`)
      }
    })
  }
}
