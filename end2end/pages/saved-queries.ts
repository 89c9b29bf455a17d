import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'
import { QueryEditor } from './query-editor'

/** The menu of saved queries beside a query's text, and its dialog. */
export class SavedMenu extends QueryEditor {
  readonly menu: Locator
  readonly dialog: Locator
  readonly name: Locator
  readonly everybody: Locator

  constructor(page: Page) {
    super(page)
    this.menu = page.locator('.query-tools summary').filter({ hasText: 'Saved' })
    this.dialog = page.getByRole('dialog', { name: 'Save this query' })
    this.name = this.dialog.getByRole('textbox', { name: 'Name' })
    this.everybody = this.dialog.getByRole('switch', { name: 'Everybody may see it' })
  }

  /** Opens the dialog. */
  async begin(): Promise<void> {
    await this.menu.click()
    await this.page.getByRole('button', { name: /^(Save this query|Update it, or save another)…$/ }).click()
    await expect(this.dialog).toBeVisible()
  }

  async press(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click()
  }

  /** Opens one of one's own. */
  async choose(name: string): Promise<void> {
    await this.menu.click()
    await this.page.getByRole('list', { name: 'Your saved queries' }).getByRole('button').filter({ hasText: name }).click()
  }
}

/** The page with saved queries. */
export class SavedQueriesPage {
  readonly cards: Locator

  constructor(readonly page: Page) {
    this.cards = page.getByRole('list', { name: 'Saved queries' }).getByRole('listitem')
  }

  async open(owner = ''): Promise<void> {
    await open(this.page, owner === '' ? '/queries' : `/queries?owner=${encodeURIComponent(owner)}`)
  }

  card(name: string): Locator {
    return this.cards.filter({ has: this.page.getByRole('link', { name, exact: true }) })
  }

  /** Opens what is folded away: `Rename` or `Delete`. */
  async unfold(what: string, name: string): Promise<void> {
    await this.card(name).locator('summary').filter({ hasText: what }).click()
  }

  async rename(from: string, to: string): Promise<void> {
    await this.unfold('Rename', from)
    await this.correct(from, to)
  }

  /** Fills in the name that is open, and sends it. */
  async correct(of: string, to: string): Promise<void> {
    await this.card(of).getByRole('textbox', { name: 'Name' }).fill(to)
    await this.card(of).getByRole('button', { name: 'Save the name' }).click()
  }

  async delete(name: string): Promise<void> {
    await this.unfold('Delete', name)
    await this.card(name).getByRole('button', { name: 'Delete the query' }).click()
  }
}
