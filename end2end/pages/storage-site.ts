import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The list of storage sites, the form for a new one, and the page of one. */
export class StorageSitePage {
  readonly heading: Locator
  readonly rows: Locator
  readonly steps: Locator
  readonly rights: Locator

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 })
    this.rows = page.getByRole('region', { name: 'Storage sites' }).getByRole('rowheader')
    this.steps = page.getByRole('region', { name: 'Steps of the test' }).getByRole('row')
    this.rights = page.getByRole('region', { name: 'Granted rights' }).getByRole('rowheader')
  }

  async openList(): Promise<void> {
    await open(this.page, '/storage-sites')
  }

  async openForm(): Promise<void> {
    await this.openList()
    await this.page.getByRole('link', { name: 'Register a storage site' }).click()
    await expect(this.heading).toHaveText('New storage site')
  }

  field(name: string): Locator {
    return this.page.getByLabel(name, { exact: true })
  }

  /** A field of text by the beginning of its label, behind which may stand that it is optional. */
  text(name: string): Locator {
    return this.page.getByRole('textbox', { name: new RegExp(`^${name}`) })
  }

  kind(name: 'Folder' | 'S3 bucket'): Locator {
    return this.page.getByRole('radio', { name: new RegExp(`^${name}:`) })
  }

  async register(): Promise<void> {
    await this.page.getByRole('button', { name: 'Register the storage site' }).click()
  }

  async test(): Promise<void> {
    await this.page.getByRole('button', { name: 'Test the storage site' }).click()
  }

  async search(text: string): Promise<void> {
    await this.page.getByRole('searchbox').fill(text)
    await this.page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(this.page).toHaveURL((url) => url.searchParams.get('search') === text)
  }

  async grant(namespace: string, right: 'read' | 'use' | 'manage'): Promise<void> {
    const rights = this.page.getByRole('region', { name: 'Rights' }).first()
    await rights.getByLabel('Namespace').fill(namespace)
    await rights.getByLabel('Right', { exact: true }).selectOption(right)
    await rights.getByRole('button', { name: 'Grant the right' }).click()
  }
}
