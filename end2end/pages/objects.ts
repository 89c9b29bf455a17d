import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The list of objects, with the form for a new one. */
export class ObjectsPage {
  readonly table: Locator

  constructor(readonly page: Page) {
    this.table = page.getByRole('region', { name: 'Objects' })
  }

  async open(address = '/objects'): Promise<void> {
    await open(this.page, address)
  }

  async create(name: string, parents: string[] = []): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByLabel('More general objects').fill(parents.join('\n'))
    await this.page.getByRole('button', { name: 'Register object' }).click()
    // A new object's own page follows.
    await expect(this.page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible()
  }

  async search(text: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Search objects' }).fill(text)
    await this.page.getByRole('search').getByRole('button', { name: 'Search' }).click()
  }
}

/** One object's page, with the forms that change it. */
export class ObjectPage {
  readonly heading: Locator
  readonly crumbs: Locator
  readonly samples: Locator

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 })
    this.crumbs = page.getByRole('navigation', { name: 'Where this belongs' })
    this.samples = page.getByRole('region', { name: 'Examples' }).getByRole('img')
  }

  async open(name: string): Promise<void> {
    await open(this.page, `/object/${encodeURIComponent(name)}`)
  }

  /** Changes what is named, and leaves the rest. */
  async change(fields: { name?: string; description?: string; parents?: string[] }): Promise<void> {
    await this.page.getByText('Change this object').click()
    if (fields.name !== undefined) await this.page.getByLabel('Name', { exact: true }).fill(fields.name)
    if (fields.description !== undefined) await this.page.getByLabel('Description').fill(fields.description)
    if (fields.parents !== undefined) await this.page.getByLabel('More general objects').fill(fields.parents.join('\n'))
    await this.page.getByRole('button', { name: 'Save' }).click()
  }

  async mergeInto(name: string): Promise<void> {
    await this.page.getByText('Merge into another object').click()
    await this.page.getByLabel('Object that stays').fill(name)
    await this.page.getByRole('button', { name: 'Merge', exact: true }).click()
  }
}

/** The page that takes many objects at once. */
export class ImportObjectsPage {
  constructor(readonly page: Page) {}

  async open(): Promise<void> {
    await open(this.page, '/objects/import')
  }

  async write(text: string): Promise<void> {
    await this.page.getByLabel('Taxonomy').fill(text)
  }

  async choose(name: string, text: string): Promise<void> {
    await this.page.getByLabel(/^File/).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    await expect(this.page.getByLabel('Taxonomy')).toHaveValue(text)
  }

  async try(): Promise<void> {
    await this.page.getByRole('button', { name: 'Try it' }).click()
  }

  async import(): Promise<void> {
    await this.page.getByRole('button', { name: 'Import', exact: true }).click()
  }
}
