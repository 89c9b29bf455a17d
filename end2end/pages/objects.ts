import { type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The list of objects, with the form for a new one. */
export class ObjectsPage {
  constructor(readonly page: Page) {}

  async open(address = '/objects'): Promise<void> {
    await open(this.page, address)
  }

  async create(name: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByRole('button', { name: 'Register object' }).click()
    // A new object's own page follows.
    await expect(this.page.getByRole('heading', { name, exact: true })).toBeVisible()
  }
}
