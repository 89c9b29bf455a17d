import { type Locator, type Page, expect } from '@playwright/test'
import { QueryEditor } from './query-editor'

/** The rules of a query as cards, in two lists. */
export class QueryBuilder extends QueryEditor {
  readonly must: Locator
  readonly mustNot: Locator

  constructor(page: Page) {
    super(page)
    this.must = page.getByRole('list', { name: 'Must', exact: true }).locator('.query-card')
    this.mustNot = page.getByRole('list', { name: 'Must not', exact: true }).locator('.query-card')
  }

  async add(list: 'must' | 'must not', rule: string): Promise<void> {
    await this.page.getByRole('button', { name: `Add a rule: ${list}`, exact: true }).click()
    await this.page.getByRole('dialog', { name: 'Add a rule' }).getByRole('button', { name: rule }).first().click()
  }

  card(name: string): Locator {
    return this.page.locator('.query-card').filter({ has: this.page.getByRole('button', { name: `Remove: ${name}`, exact: true }) })
  }

  /** Picks a name from the suggestions of a card. */
  async pick(card: Locator, name: string): Promise<void> {
    await card.getByRole('combobox').fill(name)
    await card.getByRole('option').filter({ hasText: name }).first().click()
    await expect(card.locator('.query-chip').filter({ hasText: name })).toHaveCount(1)
  }

  press(action: string, rule: string): Promise<void> {
    return this.page.getByRole('button', { name: `${action}: ${rule}`, exact: true }).click()
  }
}
