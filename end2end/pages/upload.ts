import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'
import type { PictureFile } from '../support/pictures'

/** The upload page: many files, each with its own row. */
export class UploadPage {
  readonly files: Locator

  constructor(readonly page: Page) {
    this.files = page.getByRole('list', { name: 'Pictures to upload' }).getByRole('listitem')
  }

  async open(address = '/upload'): Promise<void> {
    await open(this.page, address)
  }

  async choose(files: PictureFile[]): Promise<void> {
    await this.page.locator('input[type=file]').setInputFiles(files)
    await expect(this.files).toHaveCount(files.length)
  }

  /** The row of a file. */
  file(name: string): Locator {
    return this.files.filter({ hasText: name })
  }

  title(name: string): Locator {
    return this.page.getByLabel(`Title of ${name}`)
  }

  /** What all files share. */
  async describe({ nature, licence, origin }: { nature: string; licence: RegExp; origin?: string }): Promise<void> {
    await this.page.getByLabel('Nature').selectOption(nature)
    await this.page.getByRole('checkbox', { name: licence }).check()
    if (origin !== undefined) await this.page.getByLabel('Origin').fill(origin)
  }

  /** Sends the files, waits until `count` of them have become pictures, and gives back their ids. */
  async send(count: number): Promise<number[]> {
    await this.page.getByRole('button', { name: 'Upload', exact: true }).click()
    const links = this.files.getByRole('link', { name: 'Open' })
    await expect(links).toHaveCount(count, { timeout: 30_000 })
    const addresses = await links.evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''))
    return addresses.map((address) => Number(address.match(/\d+/)?.[0]))
  }
}
