import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The query page: text on one side, what it finds on the other. */
export class QueryPage {
  readonly text: Locator
  readonly results: Locator
  readonly count: Locator
  readonly errors: Locator

  constructor(readonly page: Page) {
    this.text = page.getByRole('textbox', { name: 'Query', exact: true })
    this.results = page.getByRole('list', { name: 'Results' }).getByRole('listitem')
    this.count = page.getByRole('status', { name: 'Results' })
    this.errors = page.locator('#query-problems')
  }

  async open(query = '', site = ''): Promise<void> {
    await open(this.page, site + (query === '' ? '/query' : `/query?query=${encodeURIComponent(query)}`))
  }

  async write(query: string): Promise<void> {
    await this.text.fill(query)
  }

  /** The button that puts a suggestion into the text, at a place where there are several. */
  suggestion(name: string, place = ''): Locator {
    const start = `Write ${name} in line ${place}`.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return this.errors.getByRole('button', { name: new RegExp(`^${start}${place === '' ? '' : '$'}`) })
  }

  /** Waits until exactly these titles are shown. */
  async finds(titles: string[]): Promise<void> {
    await expect(this.results).toHaveCount(titles.length)
    for (const title of titles) await expect(this.results.filter({ hasText: title })).toHaveCount(1)
  }
}
