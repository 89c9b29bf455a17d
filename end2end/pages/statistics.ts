import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The query page where it shows plots. */
export class StatisticsPage {
  readonly plots: Locator
  /** The way back to the pictures. */
  readonly pictures: Locator
  /** The way to the plots. */
  readonly statistics: Locator

  constructor(readonly page: Page) {
    this.plots = page.locator('.plot-card')
    const views = page.getByRole('navigation', { name: 'Views' })
    this.pictures = views.getByRole('link', { name: 'Pictures' })
    this.statistics = views.getByRole('link', { name: 'Statistics' })
  }

  async open(query: string): Promise<void> {
    await open(this.page, `/query?query=${encodeURIComponent(query)}&view=statistics`)
  }

  /** The plot with this heading, as those who do not see it are told of it. */
  image(heading: string): Locator {
    // With links in it, it is no image any more.
    const [image, group] = (['img', 'group'] as const).map((role) => this.page.getByRole(role, { name: heading, exact: true }))
    if (!image || !group) throw new Error('there are two roles')
    return image.or(group)
  }

  /** The table with a plot's numbers, opened unless it is open. */
  async numbers(heading: string): Promise<Locator> {
    const plot = this.page.getByRole('region', { name: heading, exact: true })
    const table = plot.getByRole('table')
    if (!(await table.isVisible())) await plot.locator('summary').click()
    return table
  }

  /** Waits until the table has exactly these rows of values and numbers. */
  async has(table: Locator, rows: string[]): Promise<void> {
    await expect(table.locator('tbody tr')).toHaveText(rows)
  }
}
