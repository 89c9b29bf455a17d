import { type Locator, type Page, expect } from '@playwright/test'
import { QueryPage } from './query'

/** The text of a query, with what helps those who write it. */
export class QueryEditor extends QueryPage {
  readonly suggestions: Locator
  readonly help: Locator
  readonly format: Locator
  readonly waves: Locator

  constructor(page: Page) {
    super(page)
    this.suggestions = page.locator('#query-completions').getByRole('option')
    this.help = page.locator('#query-caret-help')
    this.format = page.getByRole('button', { name: 'Format' })
    this.waves = page.locator('.query-ink .wavy')
  }

  /** Waits until the tools have come, which they do when somebody goes there. */
  async wake(): Promise<void> {
    await this.text.focus()
    await expect(this.format).toBeVisible()
  }

  /** Types key by key, as people do. */
  async type(text: string): Promise<void> {
    await this.text.pressSequentially(text)
  }

  /** The parts of the text in a colour. */
  coloured(kind: string): Locator {
    return this.page.locator(`.query-ink .ink-${kind}`)
  }
}
